using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;

namespace MailServer.Actors.Collections;

/// <summary>
/// Excludes subscriptions of the author from the notification of a change (WebDAV-Push, "Suppressing Notifications"). Only registrations of the account
/// that made the change are excluded: an account cannot hide a change from others.
/// </summary>
internal static class PushSuppression
{
    /// <summary>The change for the subscriptions to notify; null when there are none.</summary>
    public static CollectionChanged? Apply(CollectionChanged change, CollectionRequest.Change? made, AccountId author)
    {
        if (made is not { SuppressedSubscriptions: { Count: > 0 } unheard }) return change;
        PushSubscription[] told =
        [
            .. change.Subscriptions.Where(s => s.Account != author || !(unheard.Contains(CollectionRequest.Change.AllOwnSubscriptions, StringComparer.Ordinal) || unheard.Contains(s.Id, StringComparer.Ordinal))),
        ];
        return told.Length == 0 ? null : change with { Subscriptions = told };
    }
}
