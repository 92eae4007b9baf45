using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Contacts;

/// <summary>Limits on one address object resource. A card may contain a photo of several megabytes; how large a new one may be is configured.</summary>
public sealed record ContactLimits
{
    /// <summary>The largest size that can be configured, in octets.</summary>
    public const int LargestSize = 100 * 1024 * 1024;

    public static ContactLimits Default { get; } = new();

    /// <summary>Size, lines and parameters of the text; <c>CARDDAV:max-resource-size</c> is <see cref="ContentLineLimits.MaxText"/>.</summary>
    public ContentLineLimits Content { get; init; } = new() { MaxText = LargestSize, MaxLine = LargestSize };
}
