namespace MailServer.Network.Certificates;

/// <summary>A certificate or its key cannot be used. The message is for the administrator.</summary>
public sealed class CertificateException : Exception
{
    public CertificateException() { }

    public CertificateException(string message)
        : base(message) { }

    public CertificateException(string message, Exception inner)
        : base(message, inner) { }
}
