package hearth.app;

import hearth.testkit.netns.Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Debian's Chromium on a host of a test's own network; it is spoken to through a pipe. */
public final class Browser implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    final ChromeDriver driver;

    /** {@code javascript}: false for a browser that runs none. */
    public Browser(Host host, Path dir, boolean javascript) {
        try {
            Path wrapper = dir.resolve("chromium-" + host.namespace());
            Files.writeString(
                    wrapper,
                    "#!/bin/sh\nexec ip netns exec "
                            + host.namespace()
                            + " "
                            + CHROMIUM
                            + " \"$@\"\n");
            Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
            var options = new ChromeOptions();
            options.setBinary(wrapper.toString());
            options.addArguments(
                    List.of(
                            "--headless=new",
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync",
                            "--no-first-run",
                            "--remote-debugging-pipe",
                            "--user-data-dir=" + Files.createTempDirectory(dir, "profile")));
            if (!javascript) {
                options.setExperimentalOption(
                        "prefs", Map.of("profile.managed_default_content_settings.javascript", 2));
            }
            options.setAcceptInsecureCerts(true);
            var logs = new LoggingPreferences();
            logs.enable(LogType.BROWSER, Level.ALL);
            options.setCapability("goog:loggingPrefs", logs);
            System.setProperty("webdriver.chrome.driver", DRIVER.toString());
            driver = new ChromeDriver(options);
            driver.manage().timeouts().pageLoadTimeout(LIMIT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static boolean installed() {
        return Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER);
    }

    public void open(String url) {
        driver.get(url);
    }

    public void type(String id, String text) {
        WebElement e = find("#" + id);
        e.clear();
        e.sendKeys(text);
    }

    public void click(String css) {
        find(css).click();
    }

    /** The first element that {@code css} names, as soon as there is one. */
    public WebElement find(String css) {
        await(css, () -> !driver.findElements(By.cssSelector(css)).isEmpty());
        return driver.findElement(By.cssSelector(css));
    }

    /** Waits until the page says {@code text}; how long that took. */
    public Duration says(String text) {
        return await("\"" + text + "\"", () -> text().contains(text));
    }

    private Duration await(String what, BooleanSupplier there) {
        long begun = System.nanoTime();
        while (true) {
            try {
                if (there.getAsBoolean()) {
                    return Duration.ofNanos(System.nanoTime() - begun);
                }
            } catch (StaleElementReferenceException | NoSuchElementException e) {
                // the page is just being changed
            }
            if (System.nanoTime() - begun > LIMIT.toNanos()) {
                throw new AssertionError(
                        "waited for "
                                + what
                                + " on "
                                + driver.getCurrentUrl()
                                + "\n"
                                + driver.findElement(By.tagName("body")).getText());
            }
            try {
                Thread.sleep(POLL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }

    public String text() {
        return driver.findElement(By.tagName("body")).getText();
    }

    /** What the browser complained about: refused scripts, lost requests. */
    public List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(Object::toString)
                .toList();
    }

    /** Keeps a picture of the page, for who looks into a failure. */
    public void picture(Path file) {
        try {
            Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        driver.quit();
    }
}
