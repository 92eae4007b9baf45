using MailServer.Domain.Collections;

namespace MailServer.Storage.Collections;

/// <summary>Creates the default collections of an account. Events and tasks have separate calendars, because Apple's clients show each calendar in only one application.</summary>
internal static class DefaultCollections
{
    private const string DisplayName = "{DAV:}displayname";

    public static void Make(CollectionContext context)
    {
        context.Begin();
        var calendars = Home(context, CollectionSpace.Calendars);
        Add(context, calendars, "calendar", "Calendar", CollectionKind.Calendar, CalendarComponents.Event);
        Add(context, calendars, "tasks", "Tasks", CollectionKind.Calendar, CalendarComponents.Todo);
        Add(context, Home(context, CollectionSpace.AddressBooks), "contacts", "Contacts", CollectionKind.AddressBook, CalendarComponents.None);
        Home(context, CollectionSpace.Files);
        context.Commit();
    }

    private static CollectionNode Home(CollectionContext context, CollectionSpace space) =>
        context.Tree.Add(null, CollectionPath.HomeOf(space), CollectionKind.Home, CalendarComponents.None, context.UnixTime, context.NextModSeq());

    private static void Add(CollectionContext context, CollectionNode home, string name, string title, CollectionKind kind, CalendarComponents components)
    {
        var node = context.Tree.Add(home, home.Path.Child(name), kind, components, context.UnixTime, context.NextModSeq());
        var value = $"<displayname xmlns=\"DAV:\">{title}</displayname>";
        node.Properties[DisplayName] = value;
        context.Properties.Set(node.Id, DisplayName, value);
    }
}
