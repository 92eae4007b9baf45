using MailServer.Domain.Collections;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Collections;

/// <summary>
/// The birthday calendar, with one event per contact that has a birthday. Events are written in the transaction
/// of the contact. The calendar is created with the first event and not recreated after the user removes it.
/// </summary>
internal sealed class BirthdayCalendar(SqliteDatabase database)
{
    private const string Name = "birthdays";
    private const string Title = "<displayname xmlns=\"DAV:\">Birthdays</displayname>";
    private const long Unwanted = -1;

    private readonly SqliteStatement _find = database.Prepare("SELECT name FROM birthdays WHERE contact = ?");
    private readonly SqliteStatement _count = database.Prepare("SELECT count(*) FROM birthdays WHERE name = ?");
    private readonly SqliteStatement _save = database.Prepare("INSERT OR REPLACE INTO birthdays VALUES (?, ?)");
    private readonly SqliteStatement _remove = database.Prepare("DELETE FROM birthdays WHERE contact = ?");
    private readonly SqliteStatement _contacts = database.Prepare("SELECT b.contact FROM birthdays b JOIN resources r ON r.id = b.contact WHERE r.collection = ?");
    private readonly SqliteStatement _state = database.Prepare("INSERT OR REPLACE INTO state VALUES ('birthdays', ?)");

    /// <summary>Id of the calendar; 0 if it does not exist yet, negative if the user removed it.</summary>
    public long Id { get; private set; }

    public void Load(CollectionTree tree)
    {
        Id = database.Scalar("SELECT coalesce((SELECT value FROM state WHERE name = 'birthdays'), 0)");
        foreach (var node in tree.Find(CollectionPath.HomeOf(CollectionSpace.Calendars))?.Children.Values ?? Enumerable.Empty<CollectionNode>()) node.IsGenerated = node.Id == Id;
    }

    /// <summary>Updates the birthday of a contact.</summary>
    public void Set(CollectionContext context, long contact, NewResource? birthday)
    {
        var before = NameOf(contact);
        var name = birthday is null ? null : $"{birthday.Uid}.ics";
        if (before is not null && before != name) Remove(context, contact);
        if (birthday is null || Calendar(context) is not { } calendar) return;
        var existing = context.Resources.Find(calendar.Id, name!);
        _save.Bind(1, contact).Bind(2, name).Run();
        if (existing?.ETag == birthday.ETag) return;
        var modSeq = context.NextModSeq();
        if (existing is null) context.Resources.Insert(calendar.Id, name!, birthday, context.UnixTime, modSeq);
        else context.Resources.Update(existing.Id, birthday, context.UnixTime, modSeq);
        context.Used += birthday.Body.Length - (existing?.Size ?? 0);
        context.Tree.Changed(calendar, modSeq);
    }

    /// <summary>Removes the birthday of a contact, unless a copy of the contact in another address book has it too.</summary>
    public void Remove(CollectionContext context, long contact)
    {
        if (Id <= 0 || NameOf(contact) is not { } name) return;
        _remove.Bind(1, contact).Run();
        _count.Bind(1, name).Step();
        var others = _count.Long(0);
        _count.Reset();
        if (others > 0 || Find(context) is not { } calendar || context.Resources.Find(calendar.Id, name) is not { } entry) return;
        var modSeq = context.NextModSeq();
        context.Resources.Remove(calendar.Id, entry.Id, name, modSeq);
        context.Properties.RemoveAll(-entry.Id);
        context.Used -= entry.Size;
        context.Tree.Changed(calendar, modSeq);
    }

    /// <summary>Gives a copied contact the same birthday.</summary>
    public void Copy(long contact, long copy)
    {
        if (NameOf(contact) is { } name) _save.Bind(1, copy).Bind(2, name).Run();
    }

    /// <summary>Handles the removal of a collection with its contents.</summary>
    public void RemoveAll(CollectionContext context, CollectionNode node)
    {
        if (node.Id == Id)
        {
            database.Execute("DELETE FROM birthdays");
            Save(Unwanted);
            return;
        }

        if (node.Kind != CollectionKind.AddressBook || Id <= 0) return;
        var contacts = new List<long>();
        _contacts.Bind(1, node.Id);
        while (_contacts.Step()) contacts.Add(_contacts.Long(0));
        _contacts.Reset();
        foreach (var contact in contacts) Remove(context, contact);
    }

    private string? NameOf(long contact)
    {
        var name = _find.Bind(1, contact).Step() ? _find.Text(0) : null;
        _find.Reset();
        return name;
    }

    private CollectionNode? Find(CollectionContext context) =>
        context.Tree.Find(CollectionPath.HomeOf(CollectionSpace.Calendars))!.Children.Values.FirstOrDefault(node => node.Id == Id);

    private CollectionNode? Calendar(CollectionContext context)
    {
        if (Id != 0) return Find(context);
        var home = context.Tree.Find(CollectionPath.HomeOf(CollectionSpace.Calendars))!;
        var name = Name;
        while (home.Children.ContainsKey(name)) name += "-";
        var modSeq = context.NextModSeq();
        var made = context.Tree.Add(home, home.Path.Child(name), CollectionKind.Calendar, CalendarComponents.Event, context.UnixTime, modSeq);
        made.IsGenerated = true;
        made.Properties["{DAV:}displayname"] = Title;
        context.Properties.Set(made.Id, "{DAV:}displayname", Title);
        context.Tree.Changed(home, modSeq);
        Save(made.Id);
        return made;
    }

    private void Save(long id)
    {
        Id = id;
        _state.Bind(1, id).Run();
    }
}
