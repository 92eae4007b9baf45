namespace MailServer.Network.Tls;

/// <summary>Why a handshake failed.</summary>
public enum TlsFailure
{
    /// <summary>The time limit was exceeded.</summary>
    TimedOut,

    /// <summary>No common TLS version or cipher suite, or the peer does not speak TLS.</summary>
    Handshake,

    /// <summary>The peer's certificate is not trusted for the requested name.</summary>
    Certificate,

    /// <summary>The peer closed the connection.</summary>
    Closed,
}

/// <summary>A handshake failed; the connection cannot be used any more.</summary>
public sealed class TlsException : IOException
{
    public TlsException(TlsFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    public TlsException() { }

    public TlsException(string message)
        : base(message) { }

    public TlsException(string message, Exception inner)
        : base(message, inner) { }

    public TlsFailure Failure { get; } = TlsFailure.Handshake;

    /// <summary>The fault of the certificate, if that is the reason.</summary>
    public CertificateFault? Fault { get; init; }
}
