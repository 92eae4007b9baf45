namespace MailServer.Network.Tls;

/// <summary>Why a handshake came to nothing.</summary>
public enum TlsFailure
{
    /// <summary>It took longer than it may.</summary>
    TimedOut,

    /// <summary>The two sides found no common ground, or the peer did not speak TLS.</summary>
    Handshake,

    /// <summary>The certificate of the peer is not to be trusted for the name it was asked for.</summary>
    Certificate,

    /// <summary>The peer went away.</summary>
    Closed,
}

/// <summary>A handshake failed; the connection is of no more use.</summary>
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

    /// <summary>What is wrong with the certificate, where that is the reason.</summary>
    public CertificateFault? Fault { get; init; }
}
