using System.Buffers.Text;
using System.Globalization;
using System.Text;
using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp;

/// <summary>
/// The parameters of MAIL for envelope options: REQUIRETLS (RFC 8689 §2), MT-PRIORITY (RFC 6710 §4), HOLDFOR and HOLDUNTIL (RFC 4865 §4), BY (RFC
/// 2852 §4). Each one is only recognized when it was offered.
/// </summary>
internal sealed class EnvelopeOptionParameters(OfferedEnvelopeOptions offer, DateTimeOffset now)
{
    private const int MaxDigits = 9;

    private bool _sawPriority;

    public EnvelopeOptions Options { get; private set; } = EnvelopeOptions.None;

    /// <summary>Parses one parameter: null when it is not one of these, otherwise whether its value is valid.</summary>
    public bool? TryRead(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool hasValue)
    {
        if (offer.RequireTls && Ascii.EqualsIgnoreCase(name, "REQUIRETLS"u8)) return !hasValue && ReadRequireTls();
        if (offer.Priority && Ascii.EqualsIgnoreCase(name, "MT-PRIORITY"u8)) return ReadPriority(value);
        if (offer.DeliverBy && Ascii.EqualsIgnoreCase(name, "BY"u8)) return ReadDeliverBy(value);
        if (offer.MaxHold == TimeSpan.Zero) return null;
        if (Ascii.EqualsIgnoreCase(name, "HOLDFOR"u8)) return ReadHoldFor(value);
        if (Ascii.EqualsIgnoreCase(name, "HOLDUNTIL"u8)) return ReadHoldUntil(value);
        return null;
    }

    private bool ReadRequireTls()
    {
        if (Options.RequireTls) return false;
        Options = Options with { RequireTls = true };
        return true;
    }

    // priority-value = ["-"] 1DIGIT
    private bool ReadPriority(ReadOnlySpan<byte> value)
    {
        if (_sawPriority || value.Length is 0 or > 2 || !char.IsAsciiDigit((char)value[^1]) || (value.Length == 2 && value[0] != '-')) return false;
        _sawPriority = true;
        Options = Options with { Priority = (value[^1] - '0') * (value.Length == 2 ? -1 : 1) };
        return true;
    }

    // by-value = by-time ";" by-mode [by-trace]; by-time = ["-" / "+"] 1*9digit
    private bool ReadDeliverBy(ReadOnlySpan<byte> value)
    {
        var semicolon = value.IndexOf((byte)';');
        if (Options.DeliverBy is not null || semicolon < 1 || !TryReadSeconds(value[..semicolon], signed: true, out var seconds)) return false;
        var words = value[(semicolon + 1)..];
        var traced = words.Length == 2 && (words[1] | 0x20) == 't';
        if (words.Length != (traced ? 2 : 1) || (words[0] | 0x20) is not ((byte)'r' or (byte)'n')) return false;
        var returned = (words[0] | 0x20) == 'r';
        // With R, the deadline must not have passed already (RFC 2852 §4.1).
        if (returned && seconds <= TimeSpan.Zero) return false;
        Options = Options with { DeliverBy = new DeliverBy(now + seconds, returned, traced) };
        return true;
    }

    private bool ReadHoldFor(ReadOnlySpan<byte> value) =>
        TryReadSeconds(value, signed: false, out var seconds) && seconds > TimeSpan.Zero && Hold(now + seconds);

    // RFC 3339 §5.6 in UTC, as RFC 4865 §4.2 requires.
    private bool ReadHoldUntil(ReadOnlySpan<byte> value) =>
        value.Length <= 40
        && DateTimeOffset.TryParseExact(
            Encoding.ASCII.GetString(value), ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var until)
        && Hold(until);

    private bool Hold(DateTimeOffset until)
    {
        if (Options.HoldUntil is not null || until > now + offer.MaxHold) return false;
        Options = Options with { HoldUntil = until };
        return true;
    }

    private static bool TryReadSeconds(ReadOnlySpan<byte> text, bool signed, out TimeSpan seconds)
    {
        seconds = TimeSpan.Zero;
        var negative = signed && text.Length > 0 && text[0] == '-';
        if (signed && text.Length > 0 && text[0] is (byte)'-' or (byte)'+') text = text[1..];
        if (text.Length is 0 or > MaxDigits || text.ContainsAnyExceptInRange((byte)'0', (byte)'9') || !Utf8Parser.TryParse(text, out int number, out _)) return false;
        seconds = TimeSpan.FromSeconds(negative ? -number : number);
        return true;
    }
}

/// <summary>The envelope options that a session offers in its current state.</summary>
internal sealed record OfferedEnvelopeOptions(bool RequireTls, bool Priority, bool DeliverBy, TimeSpan MaxHold);
