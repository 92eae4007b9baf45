using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Contacts;

/// <summary>Limits on one address object resource. A card may contain a photo of several megabytes.</summary>
public sealed record ContactLimits
{
    public static ContactLimits Default { get; } = new();

    /// <summary>Size, lines and parameters of the text; <c>CARDDAV:max-resource-size</c> is <see cref="ContentLineLimits.MaxText"/>.</summary>
    public ContentLineLimits Content { get; init; } = new() { MaxText = 20 * 1024 * 1024, MaxLine = 20 * 1024 * 1024 };
}
