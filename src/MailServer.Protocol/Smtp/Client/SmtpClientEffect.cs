using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>An action that an <see cref="SmtpClientSession"/> requests from its driver.</summary>
public abstract record SmtpClientEffect
{
    private SmtpClientEffect() { }

    /// <summary>Flush and start the TLS handshake. Answered by <see cref="SmtpClientSession.TlsStarted"/>.</summary>
    public sealed record StartTls : SmtpClientEffect;

    /// <summary>Flush the output to the server.</summary>
    public sealed record Flush : SmtpClientEffect;

    /// <summary>The host does not accept the message as it is: convert it. Answered by <see cref="SmtpClientSession.Converted"/>.</summary>
    /// <param name="KeepsBodies">True: only the header needs to be ASCII (RFC 6531). False: the host accepts only 7-bit content (RFC 6152 §3).</param>
    public sealed record Convert(bool KeepsBodies) : SmtpClientEffect;

    /// <summary>The session is ready for a message. Answered by <see cref="SmtpClientSession.Send"/> or <see cref="SmtpClientSession.Quit"/>, at any time.</summary>
    public sealed record Ready : SmtpClientEffect;

    /// <summary>The outcome of the message. Another one may follow.</summary>
    public sealed record Finished(SmtpOutcome Outcome) : SmtpClientEffect;

    /// <summary>The host cannot be used now, for the reason in <paramref name="Reply"/> (from the host or from this client): close the connection.</summary>
    public sealed record Failed(SmtpReply Reply) : SmtpClientEffect;

    /// <summary>QUIT was answered: flush and close the connection.</summary>
    public sealed record Close : SmtpClientEffect;
}
