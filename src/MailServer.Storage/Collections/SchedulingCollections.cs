using MailServer.Domain.Collections;

namespace MailServer.Storage.Collections;

/// <summary>Creates the scheduling inbox and outbox (RFC 6638 §2.1, §2.2) of every account. Existing calendars with these names are renamed.</summary>
internal static class SchedulingCollections
{
    public const string Inbox = "inbox";
    public const string Outbox = "outbox";

    public static void Ensure(CollectionContext context)
    {
        if (context.Tree.Find(CollectionPath.HomeOf(CollectionSpace.Calendars)) is not { } home) return;
        foreach (var (name, kind) in new[] { (Inbox, CollectionKind.ScheduleInbox), (Outbox, CollectionKind.ScheduleOutbox) })
        {
            var there = home.Children.GetValueOrDefault(name);
            if (there?.Kind == kind) continue;
            context.Begin();
            if (there is not null) MoveAside(context, home, there);
            context.Tree.Add(home, home.Path.Child(name), kind, CalendarComponents.None, context.UnixTime, context.NextModSeq());
            context.Tree.Changed(home, context.ModSeq);
            context.Commit();
        }
    }

    private static void MoveAside(CollectionContext context, CollectionNode home, CollectionNode node)
    {
        var number = Enumerable.Range(1, int.MaxValue).First(n => !home.Children.ContainsKey($"{node.Path.Name}-{n}"));
        context.Tree.Move(node, home, home.Path.Child($"{node.Path.Name}-{number}"), context.NextModSeq());
        context.Tree.SaveChanged();
    }
}
