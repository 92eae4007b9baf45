using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>What an <see cref="SmtpClientSession"/> needs of its driver, one at a time.</summary>
public abstract record SmtpClientEffect
{
    private SmtpClientEffect() { }

    /// <summary>Flush and shake hands; answered by <see cref="SmtpClientSession.TlsStarted"/>.</summary>
    public sealed record StartTls : SmtpClientEffect;

    /// <summary>Let the server take what was written so far.</summary>
    public sealed record Flush : SmtpClientEffect;

    /// <summary>The host takes no 8-bit content (RFC 6152 §3): answered by <see cref="SmtpClientSession.Converted"/>.</summary>
    public sealed record Convert : SmtpClientEffect;

    /// <summary>Signed on, and nothing to do: answered by <see cref="SmtpClientSession.Send"/> or <see cref="SmtpClientSession.Quit"/>, at once or later.</summary>
    public sealed record Ready : SmtpClientEffect;

    /// <summary>What became of the message; another may follow.</summary>
    public sealed record Finished(SmtpOutcome Outcome) : SmtpClientEffect;

    /// <summary>This host cannot be used now, for the reason in <paramref name="Reply"/> (its own, or one of ours): close.</summary>
    public sealed record Failed(SmtpReply Reply) : SmtpClientEffect;

    /// <summary>Flush and close: QUIT was answered.</summary>
    public sealed record Close : SmtpClientEffect;
}
