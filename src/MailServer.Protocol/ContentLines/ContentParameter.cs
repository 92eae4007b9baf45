namespace MailServer.Protocol.ContentLines;

/// <summary>A parameter: its name in upper case, its values without quotes and with the escapes of RFC 6868 undone.</summary>
public sealed record ContentParameter(string Name, IReadOnlyList<string> Values)
{
    /// <summary>All values as one, as a filter sees them.</summary>
    public string Joined => Values.Count == 1 ? Values[0] : string.Join(',', Values);
}
