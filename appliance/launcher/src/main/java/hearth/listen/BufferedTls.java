package hearth.listen;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.util.function.BiConsumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS that reads its socket through a buffer. Java's own asks the kernel twice for each record, for
 * its five bytes of header and for the rest; a relayed packet is a record of its own.
 */
final class BufferedTls extends SSLContext {
    private static final int BYTES = 8 << 10;

    private BufferedTls(SSLContext tls, BiConsumer<SocketAddress, Ahead> opened) {
        super(new Spi(tls, opened), tls.getProvider(), tls.getProtocol());
    }

    /**
     * The same but for how a server's accepted sockets are read.
     *
     * @param opened told the other end's address and what is read ahead of each
     */
    static SSLContext over(SSLContext tls, BiConsumer<SocketAddress, Ahead> opened) {
        return new BufferedTls(tls, opened);
    }

    /** What has come and was not read yet. The reading thread's. */
    static final class Ahead extends BufferedInputStream {
        private static final int RECORD_HEADER = 5;

        Ahead(InputStream in) {
            super(in, BYTES);
        }

        /** Whether the next record is here whole, so that reading it does not wait. */
        boolean holdsRecord() {
            int here = count - pos;
            return here > RECORD_HEADER
                    && here >= RECORD_HEADER + ((buf[pos + 3] & 0xff) << 8 | (buf[pos + 4] & 0xff));
        }
    }

    private static final class Spi extends SSLContextSpi {
        private final SSLContext tls;
        private final Factory factory;

        Spi(SSLContext tls, BiConsumer<SocketAddress, Ahead> opened) {
            this.tls = tls;
            this.factory = new Factory(tls.getSocketFactory(), opened);
        }

        @Override
        protected void engineInit(
                KeyManager @Nullable [] keys,
                TrustManager @Nullable [] trust,
                @Nullable SecureRandom random)
                throws KeyManagementException {
            throw new KeyManagementException("it is initialised");
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return factory;
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return tls.getServerSocketFactory();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return tls.createSSLEngine();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return tls.createSSLEngine(host, port);
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return tls.getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return tls.getClientSessionContext();
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return tls.getDefaultSSLParameters();
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters() {
            return tls.getSupportedSSLParameters();
        }
    }

    /** Makes server sockets over accepted ones, as Helidon asks for; nothing else is asked. */
    private static final class Factory extends SSLSocketFactory {
        private final SSLSocketFactory tls;
        private final BiConsumer<SocketAddress, Ahead> opened;

        Factory(SSLSocketFactory tls, BiConsumer<SocketAddress, Ahead> opened) {
            this.tls = tls;
            this.opened = opened;
        }

        @Override
        public Socket createSocket(Socket s, @Nullable InputStream consumed, boolean autoClose)
                throws IOException {
            var in = new Ahead(s.getInputStream());
            opened.accept(s.getRemoteSocketAddress(), in);
            return tls.createSocket(new Buffered(s, in), consumed, autoClose);
        }

        @Override
        public Socket createSocket(Socket s, String host, int port, boolean autoClose)
                throws IOException {
            return tls.createSocket(s, host, port, autoClose);
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return tls.createSocket(host, port);
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort)
                throws IOException {
            return tls.createSocket(host, port, local, localPort);
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return tls.createSocket(host, port);
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
                throws IOException {
            return tls.createSocket(host, port, local, localPort);
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return tls.getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return tls.getSupportedCipherSuites();
        }
    }

    /** An accepted socket, what it receives read in large pieces. */
    private static final class Buffered extends Socket {
        private final Socket socket;
        private final InputStream in;

        Buffered(Socket socket, InputStream in) {
            this.socket = socket;
            this.in = in;
        }

        @Override
        public InputStream getInputStream() {
            return in;
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            return socket.getOutputStream();
        }

        @Override
        public synchronized void close() throws IOException {
            socket.close();
        }

        @Override
        public boolean isConnected() {
            return socket.isConnected();
        }

        @Override
        public boolean isBound() {
            return socket.isBound();
        }

        @Override
        public boolean isClosed() {
            return socket.isClosed();
        }

        @Override
        public boolean isInputShutdown() {
            return socket.isInputShutdown();
        }

        @Override
        public boolean isOutputShutdown() {
            return socket.isOutputShutdown();
        }

        @Override
        public void shutdownInput() throws IOException {
            socket.shutdownInput();
        }

        @Override
        public void shutdownOutput() throws IOException {
            socket.shutdownOutput();
        }

        @Override
        public @Nullable InetAddress getInetAddress() {
            return socket.getInetAddress();
        }

        @Override
        public InetAddress getLocalAddress() {
            return socket.getLocalAddress();
        }

        @Override
        public int getPort() {
            return socket.getPort();
        }

        @Override
        public int getLocalPort() {
            return socket.getLocalPort();
        }

        @Override
        public @Nullable SocketAddress getRemoteSocketAddress() {
            return socket.getRemoteSocketAddress();
        }

        @Override
        public @Nullable SocketAddress getLocalSocketAddress() {
            return socket.getLocalSocketAddress();
        }

        @Override
        public @Nullable SocketChannel getChannel() {
            return socket.getChannel();
        }

        @Override
        public void setSoTimeout(int millis) throws SocketException {
            socket.setSoTimeout(millis);
        }

        @Override
        public int getSoTimeout() throws SocketException {
            return socket.getSoTimeout();
        }

        @Override
        public void setTcpNoDelay(boolean on) throws SocketException {
            socket.setTcpNoDelay(on);
        }

        @Override
        public boolean getTcpNoDelay() throws SocketException {
            return socket.getTcpNoDelay();
        }

        @Override
        public void setSoLinger(boolean on, int seconds) throws SocketException {
            socket.setSoLinger(on, seconds);
        }

        @Override
        public int getSoLinger() throws SocketException {
            return socket.getSoLinger();
        }
    }
}
