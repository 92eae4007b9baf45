namespace MailServer.Protocol.Contacts;

/// <summary>The supported vCard versions.</summary>
public enum VCardVersion
{
    /// <summary>RFC 2426.</summary>
    V3,

    /// <summary>RFC 6350.</summary>
    V4,
}

/// <summary>Parses and formats vCard versions.</summary>
public static class VCardVersions
{
    public static bool TryRead(string? text, out VCardVersion version)
    {
        version = text?.Trim() == "4.0" ? VCardVersion.V4 : VCardVersion.V3;
        return text?.Trim() is "3.0" or "4.0";
    }

    public static string Text(this VCardVersion version) => version == VCardVersion.V4 ? "4.0" : "3.0";
}
