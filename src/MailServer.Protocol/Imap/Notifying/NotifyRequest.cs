using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Fetching;
using MailServer.Protocol.Imap.Views;

namespace MailServer.Protocol.Imap.Notifying;

/// <summary>What a client wants to be notified of: the arguments of NOTIFY (RFC 5465 §3.1).</summary>
internal sealed record NotifyRequest
{
    private const int MaxGroups = 100;
    private const int MaxNames = 1_000;

    /// <summary>NOTIFY NONE: nothing.</summary>
    public static NotifyRequest None { get; } = new();

    /// <summary>The client wants the status of the folders before the notifications.</summary>
    public bool WithStatus { get; init; }

    public IReadOnlyList<NotifyGroup> Groups { get; init; } = [];

    /// <summary>The items to fetch of new messages in the selected folder; null for none.</summary>
    public FetchPlan? NewMessages { get; init; }

    /// <summary>An event is unknown, so the whole command is refused.</summary>
    public bool HasUnknownEvent { get; init; }

    /// <summary>More groups or names than the server compares with every change.</summary>
    public bool IsTooComplex => Groups.Count > MaxGroups || Groups.Sum(static g => g.Names.Count) > MaxNames;

    /// <summary>Removed messages of the selected folder are only told when a command allows it (§6.1.2).</summary>
    public bool DelaysExpunges => Groups.Any(static g => g.Scope == NotifyScope.SelectedDelayed);

    /// <summary>Whether any event of a folder that is not selected is requested.</summary>
    public bool WatchesFolders => Groups.Any(static g => !g.IsOfSelected && g.Events != NotifyEvents.None);

    /// <summary>The changes of the selected folder that the client is told.</summary>
    public ViewEvents OfSelected
    {
        get
        {
            var events = Groups.Where(static g => g.IsOfSelected).Aggregate(NotifyEvents.None, static (all, g) => all | g.Events);
            return (events.HasFlag(NotifyEvents.Messages) ? ViewEvents.Messages : ViewEvents.None) | (events.HasFlag(NotifyEvents.FlagChange) ? ViewEvents.Flags : ViewEvents.None);
        }
    }

    /// <summary>Whether the client wants to hear of annotations of the server.</summary>
    public bool WantsServer => Groups.Any(static g => g.Events.HasFlag(NotifyEvents.ServerMetadataChange));

    /// <summary>The events that are requested for a folder that is not selected.</summary>
    public NotifyEvents EventsOf(FolderName folder, IReadOnlySet<FolderName> subscriptions)
    {
        var events = NotifyEvents.None;
        foreach (var group in Groups)
            if (group.Covers(folder, subscriptions)) events |= group.Events;
        return events;
    }
}
