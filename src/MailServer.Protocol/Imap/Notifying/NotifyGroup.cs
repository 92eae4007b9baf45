using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.Imap.Notifying;

/// <summary>Which folders an event group of NOTIFY is about (RFC 5465 §6).</summary>
internal enum NotifyScope
{
    Selected,
    SelectedDelayed,

    /// <summary>Also INBOXES: scripts can deliver to any folder (§6.3).</summary>
    Personal,
    Subscribed,
    Subtree,
    Mailboxes,
}

/// <summary>An event group of NOTIFY: folders, and the events of which the client is notified.</summary>
internal sealed record NotifyGroup(NotifyScope Scope, IReadOnlyList<FolderName> Names, NotifyEvents Events)
{
    public bool IsOfSelected => Scope is NotifyScope.Selected or NotifyScope.SelectedDelayed;

    /// <summary>Whether the group is about a folder that is not selected.</summary>
    public bool Covers(FolderName folder, IReadOnlySet<FolderName> subscriptions) => Scope switch
    {
        NotifyScope.Personal => true,
        NotifyScope.Subscribed => subscriptions.Contains(folder),
        NotifyScope.Subtree => Names.Any(name => folder == name || folder.IsBelow(name)),
        NotifyScope.Mailboxes => Names.Contains(folder),
        _ => false,
    };
}
