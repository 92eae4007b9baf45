using System.Net;
using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Submission;

/// <summary>The transactions of the messages that this server writes itself.</summary>
internal static class OwnTransaction
{
    /// <summary>The transaction of a notice: null sender, addressed to the sender of <paramref name="about"/>.</summary>
    public static MailTransaction OfOurs(string hostname, QueueItem about) => OfOurs(
        hostname, about.Message, about.Sender!, about.SmtpUtf8 || about.Recipients.Any(static r => !Ascii.IsValid(r.Address.Local)), about.RequireTls);

    /// <summary>The transaction of any other message from this server, with a null sender.</summary>
    public static MailTransaction OfOurs(string hostname, SpoolId about, EmailAddress to, bool smtpUtf8, bool requireTls = false) => new()
    {
        SessionId = about.Value,
        Policy = SessionPolicy.Submission,
        RemoteAddress = IPAddress.Loopback,
        HeloName = hostname,
        UsesEhlo = true,
        Tls = null,
        Account = null,
        Sender = null,
        SmtpUtf8 = smtpUtf8,
        EightBit = true,
        Recipients = [to],
        // RFC 8689 §5: a notice about such a message needs the same protection.
        Options = requireTls ? new EnvelopeOptions { RequireTls = true } : EnvelopeOptions.None,
    };
}
