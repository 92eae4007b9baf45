using System.Text;

namespace MailServer.Protocol.MessageAuthentication;

/// <summary>A TXT record: its name without trailing dot, and its value as a single string.</summary>
public sealed record DkimDnsRecord(string Name, string Value)
{
    // RFC 1035 §3.3: a character-string is limited to 255 octets; verifiers join them (RFC 6376 §3.6.2.2).
    private const int MaxString = 255;

    /// <summary>The record as a zone file line, with the value in quoted strings.</summary>
    public string ZoneLine
    {
        get
        {
            var line = new StringBuilder(Name).Append(". IN TXT (");
            for (var at = 0; at < Value.Length; at += MaxString)
                line.Append(" \"").Append(Value, at, Math.Min(MaxString, Value.Length - at)).Append('"');
            return line.Append(" )").ToString();
        }
    }
}
