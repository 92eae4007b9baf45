using System.Text;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.Dsn;

namespace MailServer.Protocol.Smtp;

/// <summary>The parameters of RCPT: NOTIFY and ORCPT (RFC 3461 §4.1, §4.2).</summary>
internal sealed class RecipientParameters
{
    // RFC 3461 §4.2
    private const int MaxOriginal = 500;
    private bool _sawNotify;

    public DsnNotify Notify { get; private set; } = DsnNotify.Unspecified;

    public string? OriginalRecipient { get; private set; }

    /// <summary>Null when neither parameter was given.</summary>
    public RecipientDsnRequest? Request => _sawNotify || OriginalRecipient is not null ? new RecipientDsnRequest(Notify, OriginalRecipient) : null;

    /// <summary>Parses the parameters; returns null on success, otherwise the refusal.</summary>
    public SmtpReply? Read(ReadOnlySpan<byte> text)
    {
        foreach (var range in text.Split((byte)' '))
        {
            var parameter = text[range];
            if (parameter.IsEmpty) continue;
            var equals = parameter.IndexOf((byte)'=');
            var name = equals < 0 ? parameter : parameter[..equals];
            var value = equals < 0 ? default : parameter[(equals + 1)..];
            if (Ascii.EqualsIgnoreCase(name, "NOTIFY"u8))
            {
                if (!ReadNotify(value)) return SmtpReplies.BadParameter;
            }
            else if (Ascii.EqualsIgnoreCase(name, "ORCPT"u8))
            {
                if (!ReadOriginal(value)) return SmtpReplies.BadParameter;
            }
            else
            {
                return SmtpReplies.UnknownParameter;
            }
        }

        return null;
    }

    private bool ReadNotify(ReadOnlySpan<byte> value)
    {
        if (_sawNotify || value.IsEmpty) return false;
        _sawNotify = true;
        Notify = DsnNotify.Never;
        if (Ascii.EqualsIgnoreCase(value, "NEVER"u8)) return true;
        foreach (var range in value.Split((byte)','))
        {
            var word = value[range];
            if (Ascii.EqualsIgnoreCase(word, "SUCCESS"u8)) Notify |= DsnNotify.Success;
            else if (Ascii.EqualsIgnoreCase(word, "FAILURE"u8)) Notify |= DsnNotify.Failure;
            else if (Ascii.EqualsIgnoreCase(word, "DELAY"u8)) Notify |= DsnNotify.Delay;
            else return false;
        }

        return true;
    }

    private bool ReadOriginal(ReadOnlySpan<byte> value)
    {
        var semicolon = value.IndexOf((byte)';');
        if (OriginalRecipient is not null || semicolon < 1 || value.Length > MaxOriginal || semicolon == value.Length - 1) return false;
        var type = value[..semicolon];
        var original = value[(semicolon + 1)..];
        // RFC 6533 §3: an address of type utf-8 may be unencoded.
        var isUtf8 = Ascii.EqualsIgnoreCase(type, "utf-8"u8);
        if (!XText.IsValid(type) || !(isUtf8 ? XText.IsValidUtf8(original) : XText.IsValid(original))) return false;
        OriginalRecipient = Encoding.UTF8.GetString(value);
        return true;
    }
}
