using System.Globalization;
using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>
/// Builds MAIL and RCPT for one message and host, with the requested options that the host offers, and determines whether the host can accept the
/// message at all.
/// </summary>
internal sealed class EnvelopeCommands(OutgoingMessage message, ServerExtensions offer, bool underTls)
{
    public static readonly SmtpReply NoUtf8 = new(553, "5.6.7", "The host does not offer SMTPUTF8");
    private static readonly SmtpReply TooLarge = new(552, "5.3.4", "The message exceeds the size limit of the host");

    // RFC 8689 §4.2.1
    private static readonly SmtpReply NoRequireTls = new(550, "5.7.30", "REQUIRETLS support required");
    private static readonly SmtpReply NoDeliverBy = new(550, "5.3.3", "The host does not offer DELIVERBY, which the sender requires");

    private readonly bool _utf8 = offer.SmtpUtf8 && (message.SmtpUtf8 || !IsAscii(message.Sender) || !message.Recipients.All(IsAscii));

    /// <summary>The message must be converted to 7-bit for this host (RFC 6152 §3).</summary>
    public bool NeedsSevenBit => message.EightBit && !offer.EightBitMime;

    /// <summary>The header must be converted to ASCII for this host. The addresses of the envelope are checked separately.</summary>
    public bool NeedsAsciiHeader => message.SmtpUtf8 && !offer.SmtpUtf8;

    /// <summary>The reason why the host cannot accept the message for any recipient; null when it can.</summary>
    public SmtpReply? RefusalOfMessage()
    {
        if (!IsAscii(message.Sender) && !offer.SmtpUtf8) return NoUtf8;
        if (offer.MaxSize > 0 && message.Content.Length > offer.MaxSize) return TooLarge;
        if (message.RequireTls && !(offer.RequireTls && underTls)) return NoRequireTls;
        // A host without DELIVERBY ignores the deadline, so a message with R must not be relayed to it (RFC 2852 §4.1.4).
        return message.DeliverBy is { Return: true } && !offer.DeliverBy ? NoDeliverBy : null;
    }

    /// <summary>The reason why the host cannot accept this recipient; null when it can (RFC 6531 §3.5).</summary>
    public SmtpReply? RefusalOfRecipient(EmailAddress recipient) => IsAscii(recipient) || offer.SmtpUtf8 ? null : NoUtf8;

    public string Mail(long size)
    {
        var command = new StringBuilder($"MAIL FROM:<{message.Sender}>");
        if (offer.Size) command.Append(CultureInfo.InvariantCulture, $" SIZE={size}");
        if (message.EightBit && offer.EightBitMime) command.Append(" BODY=8BITMIME");
        if (_utf8) command.Append(" SMTPUTF8");
        if (message.RequireTls) command.Append(" REQUIRETLS");
        if (message.Priority != 0 && offer.Priority) command.Append(CultureInfo.InvariantCulture, $" MT-PRIORITY={message.Priority}");
        if (message.DeliverBy is { } by && offer.DeliverBy)
            command.Append(CultureInfo.InvariantCulture, $" BY={by.Seconds};{(by.Return ? "R" : "N")}{(by.Trace ? "T" : "")}");
        if (!offer.Dsn) return command.ToString();
        if (message.Dsn.Return != DsnReturn.Unspecified) command.Append(message.Dsn.Return == DsnReturn.Full ? " RET=FULL" : " RET=HDRS");
        if (message.Dsn.EnvelopeId is { } id) command.Append(" ENVID=").Append(id);
        return command.ToString();
    }

    public string Recipient(EmailAddress recipient)
    {
        var command = $"RCPT TO:<{recipient}>";
        if (!offer.Dsn) return command;
        var (notify, original) = message.Dsn.Of(recipient);
        if (notify == DsnNotify.Never) command += " NOTIFY=NEVER";
        else if (notify != DsnNotify.Unspecified) command += $" NOTIFY={NotifyWords(notify)}";
        return original is null ? command : $"{command} ORCPT={(_utf8 ? original : InAscii(original))}";
    }

    /// <summary>Converts utf-8-addr-unitext to utf-8-addr-xtext (RFC 6533 §3).</summary>
    private static string InAscii(string original)
    {
        if (Ascii.IsValid(original)) return original;
        var text = new StringBuilder(original.Length + 16);
        foreach (var rune in original.EnumerateRunes())
        {
            if (rune.IsAscii) text.Append(rune);
            else text.Append(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:X}}}");
        }

        return text.ToString();
    }

    private static bool IsAscii(EmailAddress? address) => address is null || Ascii.IsValid(address.Local);

    private static string NotifyWords(DsnNotify notify)
    {
        var words = new List<string>(3);
        if (notify.HasFlag(DsnNotify.Success)) words.Add("SUCCESS");
        if (notify.HasFlag(DsnNotify.Failure)) words.Add("FAILURE");
        if (notify.HasFlag(DsnNotify.Delay)) words.Add("DELAY");
        return string.Join(',', words);
    }
}
