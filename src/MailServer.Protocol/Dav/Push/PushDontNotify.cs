using MailServer.Domain;
using MailServer.Domain.Collections;

namespace MailServer.Protocol.Dav.Push;

/// <summary>Parses the Push-Dont-Notify header (WebDAV-Push, "Suppressing Notifications"): <c>*</c>, or quoted subscription URLs. Unknown URLs are ignored.</summary>
public static class PushDontNotify
{
    private const int MaxUrls = 20;

    public static IReadOnlyList<string> Parse(string? header, Limits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (header is null) return [];
        if (header.Trim() == "*") return [CollectionRequest.Change.AllOwnSubscriptions];
        return
        [
            .. header.Split(',', MaxUrls + 1, StringSplitOptions.TrimEntries).Take(MaxUrls)
                .Select(url => DavUrl.PathOf(url.Trim('"')) is { } path && DavUrl.TryParse(path, limits, out var target) && target is DavTarget.Subscription found ? found.Id : null)
                .OfType<string>(),
        ];
    }
}
