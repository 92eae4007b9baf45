using System.Buffers.Text;
using System.Text;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.Dsn;

namespace MailServer.Protocol.Smtp;

/// <summary>
/// The parameters of MAIL: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), AUTH (RFC 4954 §5), RET and ENVID (RFC 3461 §4.3, §4.4), and those
/// of <see cref="EnvelopeOptionParameters"/>.
/// </summary>
internal sealed class MailParameters(EnvelopeOptionParameters wishes)
{
    // RFC 3461 §4.4
    private const int MaxEnvelopeId = 100;

    private bool _sawAuth;
    private bool _sawBody;

    /// <summary>The declared size in octets; 0 when none was declared.</summary>
    public long Size { get; private set; }

    public bool EightBit { get; private set; }

    public bool SmtpUtf8 { get; private set; }

    public DsnReturn Return { get; private set; }

    public string? EnvelopeId { get; private set; }

    /// <summary>Parses the parameters; returns null on success, otherwise the refusal.</summary>
    public SmtpReply? Read(ReadOnlySpan<byte> text)
    {
        foreach (var range in text.Split((byte)' '))
        {
            var parameter = text[range];
            if (parameter.IsEmpty) continue;
            if (ReadOne(parameter) is { } refusal) return refusal;
        }

        return null;
    }

    private SmtpReply? ReadOne(ReadOnlySpan<byte> parameter)
    {
        var equals = parameter.IndexOf((byte)'=');
        var name = equals < 0 ? parameter : parameter[..equals];
        var value = equals < 0 ? default : parameter[(equals + 1)..];
        var ok = true;
        if (Ascii.EqualsIgnoreCase(name, "SIZE"u8)) ok = ReadSize(value);
        else if (Ascii.EqualsIgnoreCase(name, "BODY"u8)) ok = ReadBody(value);
        else if (Ascii.EqualsIgnoreCase(name, "SMTPUTF8"u8)) ok = equals < 0 && !SmtpUtf8 && (SmtpUtf8 = true);
        else if (Ascii.EqualsIgnoreCase(name, "AUTH"u8)) ok = !value.IsEmpty && !_sawAuth && (_sawAuth = true);
        else if (Ascii.EqualsIgnoreCase(name, "RET"u8)) ok = ReadReturn(value);
        else if (Ascii.EqualsIgnoreCase(name, "ENVID"u8)) ok = ReadEnvelopeId(value);
        else if (wishes.TryRead(name, value, equals >= 0) is { } good) ok = good;
        else return SmtpReplies.UnknownParameter;
        return ok ? null : SmtpReplies.BadParameter;
    }

    // size-value has up to 20 digits. A value that does not fit into a long is too large for any server (RFC 1870 §5).
    private bool ReadSize(ReadOnlySpan<byte> value)
    {
        if (Size != 0 || value.Length is 0 or > 20 || value.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        Size = Utf8Parser.TryParse(value, out long size, out var used) && used == value.Length ? size : long.MaxValue;
        return true;
    }

    private bool ReadBody(ReadOnlySpan<byte> value)
    {
        if (_sawBody) return false;
        _sawBody = true;
        EightBit = Ascii.EqualsIgnoreCase(value, "8BITMIME"u8);
        return EightBit || Ascii.EqualsIgnoreCase(value, "7BIT"u8);
    }

    private bool ReadReturn(ReadOnlySpan<byte> value)
    {
        if (Return != DsnReturn.Unspecified) return false;
        if (Ascii.EqualsIgnoreCase(value, "FULL"u8)) Return = DsnReturn.Full;
        else if (Ascii.EqualsIgnoreCase(value, "HDRS"u8)) Return = DsnReturn.Headers;
        return Return != DsnReturn.Unspecified;
    }

    private bool ReadEnvelopeId(ReadOnlySpan<byte> value)
    {
        if (EnvelopeId is not null || value.Length is 0 or > MaxEnvelopeId || !XText.IsValid(value)) return false;
        EnvelopeId = Encoding.ASCII.GetString(value);
        return true;
    }
}
