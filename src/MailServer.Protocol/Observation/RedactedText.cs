using System.Text;
using MailServer.Domain.Formatting;

namespace MailServer.Protocol.Observation;

/// <summary>Text that is safe to show to an administrator: bounded, printable, and without secrets.</summary>
internal static class RedactedText
{
    public const string Secret = "***";
    private const int MaxCharacters = 500;
    private static readonly string[] Mechanisms = ["PLAIN", "LOGIN", "SCRAM-SHA-256"];

    /// <summary>A line with control characters replaced.</summary>
    public static string Line(ReadOnlySpan<byte> octets)
    {
        var text = new StringBuilder(Math.Min(octets.Length, MaxCharacters));
        Append(text, octets);
        return text.ToString();
    }

    public static void Append(StringBuilder text, ReadOnlySpan<byte> octets)
    {
        foreach (var octet in octets)
        {
            if (text.Length >= MaxCharacters)
            {
                if (text[^1] != '…') text.Append('…');
                return;
            }

            text.Append(octet is >= (byte)' ' and < 0x7F ? (char)octet : '·');
        }
    }

    /// <summary>A placeholder for octets that must not be shown: a message, a response to a challenge, or an unrecognized line, which may be a misplaced password.</summary>
    public static string Placeholder(string what, long octets) => $"({what}, {Quantity.Of(octets, "octet")})";

    /// <summary>The name of a known mechanism; a placeholder for any other word, which may be a secret.</summary>
    public static string Mechanism(ReadOnlySpan<byte> word)
    {
        foreach (var name in Mechanisms)
            if (Ascii.EqualsIgnoreCase(word, name)) return name;
        return Secret;
    }
}
