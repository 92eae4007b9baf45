using MailServer.Domain;
using MailServer.Domain.Collections;

namespace MailServer.Protocol.Dav.Push;

/// <summary>The field Push-Dont-Notify (WebDAV-Push, "Suppressing Notifications"): <c>*</c>, or the quoted URLs of registrations. What is none of ours is passed over.</summary>
public static class PushDontNotify
{
    private const int MaxUrls = 20;

    public static IReadOnlyList<string> Parse(string? header, Limits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (header is null) return [];
        if (header.Trim() == "*") return [CollectionRequest.Change.AllOwn];
        return
        [
            .. header.Split(',', MaxUrls + 1, StringSplitOptions.TrimEntries).Take(MaxUrls)
                .Select(url => DavUrl.PathOf(url.Trim('"')) is { } path && DavUrl.TryParse(path, limits, out var target) && target is DavTarget.Subscription found ? found.Id : null)
                .OfType<string>(),
        ];
    }
}
