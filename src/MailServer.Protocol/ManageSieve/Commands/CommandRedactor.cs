using System.Text;
using MailServer.Protocol.ManageSieve.Decoding;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.ManageSieve.Commands;

/// <summary>Formats commands for display, without credentials and scripts.</summary>
internal static class CommandRedactor
{
    public static string Redact(string? name, DecodedCommand line)
    {
        if (name is null || line.Fault != DecodeFault.None) return RedactedText.Placeholder("not shown", line.Words.Sum(static w => w.Octets.Length));
        var text = new StringBuilder(name);
        for (var i = 1; i < line.Words.Count; i++)
        {
            text.Append(' ');
            var octets = line.Words[i].Octets;
            if (name == "AUTHENTICATE") text.Append(i == 1 ? RedactedText.Mechanism(octets) : RedactedText.Secret);
            else if (name is "CHECKSCRIPT" || (name is "PUTSCRIPT" && i == 2)) text.Append(RedactedText.Placeholder("script", octets.Length));
            else text.Append('"').Append(RedactedText.Line(octets)).Append('"');
        }

        return text.ToString();
    }

    /// <summary>A response to a challenge.</summary>
    public static string Response(DecodedCommand line) => RedactedText.Placeholder("not shown", line.Words.Sum(static w => w.Octets.Length));
}
