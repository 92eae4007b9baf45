namespace MailServer.Protocol.ContentLines;

/// <summary>A parameter: its name in upper case, and its values without quotes and decoded (RFC 6868).</summary>
public sealed record ContentParameter(string Name, IReadOnlyList<string> Values)
{
    /// <summary>All values joined with commas, for matching by filters.</summary>
    public string Joined => Values.Count == 1 ? Values[0] : string.Join(',', Values);
}
