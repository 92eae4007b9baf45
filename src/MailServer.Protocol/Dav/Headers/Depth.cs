namespace MailServer.Protocol.Dav.Headers;

/// <summary>The values of the Depth header (RFC 4918 §10.2).</summary>
public enum Depth
{
    Zero,
    One,
    Infinity,
}

public static class DepthHeader
{
    public static Depth Parse(string? header, Depth defaultDepth) => header?.Trim().ToLowerInvariant() switch
    {
        null or "" => defaultDepth,
        "0" => Depth.Zero,
        "1" => Depth.One,
        "infinity" => Depth.Infinity,
        _ => throw DavException.BadRequest("Depth must be 0, 1 or infinity"),
    };
}
