using System.Text;

namespace MailServer.Protocol.Imap.Names;

/// <summary>
/// Folder names in modified UTF-7 (RFC 3501 §5.1.3). Strict in both directions: only the canonical encoding of a name is accepted, so that no folder
/// has two names.
/// </summary>
public static class ModifiedUtf7
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

    public static string Encode(string name)
    {
        if (!name.AsSpan().ContainsAnyExceptInRange(' ', '~') && !name.Contains('&', StringComparison.Ordinal)) return name;
        var wire = new StringBuilder(name.Length * 2);
        for (var at = 0; at < name.Length;)
        {
            if (name[at] is >= ' ' and <= '~')
            {
                wire.Append(name[at] == '&' ? "&-" : name[at].ToString());
                at++;
                continue;
            }

            var run = name.AsSpan(at).IndexOfAnyInRange(' ', '~');
            if (run < 0) run = name.Length - at;
            Shift(wire, name.AsSpan(at, run));
            at += run;
        }

        return wire.ToString();
    }

    public static bool TryDecode(ReadOnlySpan<byte> wire, out string name)
    {
        name = "";
        var text = new StringBuilder(wire.Length);
        var afterShift = false;
        while (!wire.IsEmpty)
        {
            if (wire[0] is < 0x20 or > 0x7e) return false;
            if (wire[0] != '&')
            {
                text.Append((char)wire[0]);
                wire = wire[1..];
                afterShift = false;
                continue;
            }

            var end = wire.IndexOf((byte)'-');
            // Two adjacent shift sequences would be a second spelling of one sequence.
            if (end < 0 || (end > 1 && afterShift) || !TryUnshift(wire[1..end], text)) return false;
            afterShift = end > 1;
            wire = wire[(end + 1)..];
        }

        name = text.ToString();
        return true;
    }

    private static void Shift(StringBuilder wire, ReadOnlySpan<char> run)
    {
        wire.Append('&');
        uint bits = 0;
        var count = 0;
        foreach (var unit in run)
        {
            bits = (bits << 16) | unit;
            for (count += 16; count >= 6; count -= 6) wire.Append(Alphabet[(int)(bits >> (count - 6)) & 63]);
            bits &= (1u << count) - 1;
        }

        if (count > 0) wire.Append(Alphabet[(int)(bits << (6 - count)) & 63]);
        wire.Append('-');
    }

    private static bool TryUnshift(ReadOnlySpan<byte> digits, StringBuilder text)
    {
        if (digits.IsEmpty)
        {
            text.Append('&');
            return true;
        }

        var start = text.Length;
        uint bits = 0;
        var count = 0;
        foreach (var digit in digits)
        {
            var value = Alphabet.IndexOf((char)digit, StringComparison.Ordinal);
            if (value < 0) return false;
            bits = (bits << 6) | (uint)value;
            count += 6;
            if (count < 16) continue;
            count -= 16;
            var unit = (char)(bits >> count);
            if (unit is >= ' ' and <= '~') return false; // must be written literally
            text.Append(unit);
            bits &= (1u << count) - 1;
        }

        return count < 6 && bits == 0 && text.Length > start && IsWellFormed(text.ToString(start, text.Length - start));
    }

    private static bool IsWellFormed(string run)
    {
        for (var at = 0; at < run.Length; at++)
        {
            if (char.IsHighSurrogate(run[at]) && at + 1 < run.Length && char.IsLowSurrogate(run[at + 1])) at++;
            else if (char.IsSurrogate(run[at])) return false;
        }

        return true;
    }
}
