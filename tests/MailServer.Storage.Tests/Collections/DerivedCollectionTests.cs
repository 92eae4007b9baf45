using System.Text;
using MailServer.Domain.Collections;
using static MailServer.Storage.Tests.Collections.TestCollections;

namespace MailServer.Storage.Tests.Collections;

/// <summary>Data derived from resources: birthdays from contacts, attachments of events.</summary>
public sealed class DerivedCollectionTests : IDisposable
{
    private static readonly CollectionPath Birthdays = Calendar.Parent.Child("birthdays");
    private static readonly CollectionPath Friends = Contacts.Parent.Child("friends");
    private readonly TestCollections _collections = new();

    public void Dispose() => _collections.Dispose();

    [Fact]
    public void Birthdays_follow_the_contacts()
    {
        Assert.IsType<CollectionReply.Refused>(_collections.Store.Read(new CollectionRequest.Find(Birthdays, false)));
        _collections.Put(Contacts.Child("a"), Contact("a", "1"));
        _collections.Put(Contacts.Child("b"), Contact("b", null));
        Assert.Equal(["day-a.ics"], _collections.Names(Birthdays));
        _collections.Put(Contacts.Child("a"), Contact("a", "2"));
        Assert.Equal("day-a2", _collections.Text(Birthdays.Child("day-a.ics")));
        _collections.Reopen();

        // The same contact in another address book: the birthday disappears with the last copy.
        _collections.Do(new CollectionRequest.MakeCollection(Friends, CollectionKind.AddressBook, CalendarComponents.None, new Dictionary<string, string>()));
        _collections.Do(new CollectionRequest.Transfer(Contacts.Child("a"), Friends.Child("a"), Move: false, Overwrite: true, Deep: true));
        _collections.Do(new CollectionRequest.Delete(Contacts.Child("a")));
        Assert.Single(_collections.Names(Birthdays));
        _collections.Do(new CollectionRequest.Delete(Friends));
        Assert.Empty(_collections.Names(Birthdays));
    }

    [Fact]
    public void A_contact_without_a_birthday_loses_its_event()
    {
        _collections.Put(Contacts.Child("a"), Contact("a", "1"));
        _collections.Put(Contacts.Child("a"), Contact("a", null));
        Assert.Empty(_collections.Names(Birthdays));
    }

    [Fact]
    public void Birthday_calendars_are_read_only_and_stay_deleted()
    {
        _collections.Put(Contacts.Child("a"), Contact("a", "1"));
        _collections.Reopen();
        Assert.Equal(CollectionRefusal.Denied, _collections.Refusal(new CollectionRequest.Put(Birthdays.Child("x"), Event("x"))));
        Assert.Equal(CollectionRefusal.Denied, _collections.Refusal(new CollectionRequest.Delete(Birthdays.Child("day-a.ics"))));
        Assert.Equal(CollectionRefusal.Denied, _collections.Refusal(new CollectionRequest.Transfer(Birthdays.Child("day-a.ics"), Calendar.Child("x"), true, true, true)));
        _collections.Do(new CollectionRequest.Delete(Birthdays));
        _collections.Put(Contacts.Child("c"), Contact("c", "1"));
        Assert.IsType<CollectionReply.Refused>(_collections.Store.Read(new CollectionRequest.Find(Birthdays, false)));
    }

    [Fact]
    public void An_attachment_is_kept_while_it_is_referenced_and_counts_towards_the_quota()
    {
        var before = Used();
        Attach("a", "one");
        Assert.Equal(before + 1000 + 1, Used());
        _collections.Do(new CollectionRequest.MakeCollection(Calendar.Parent.Child("other"), CollectionKind.Calendar, CalendarComponents.Default, new Dictionary<string, string>()));
        _collections.Do(new CollectionRequest.Transfer(Calendar.Child("a"), Calendar.Parent.Child("other").Child("a"), false, true, true));
        _collections.Do(new CollectionRequest.Delete(Calendar.Child("a")));
        _collections.Reopen();
        Assert.True(Has("one"));
        _collections.Do(new CollectionRequest.Delete(Calendar.Parent.Child("other")));
        Assert.False(Has("one"));
        Assert.Equal(before, Used());

        Attach("b", "two");
        _collections.Put(Calendar.Child("b"), Event("b"));
        Assert.False(Has("two"));
    }

    private void Attach(string name, string id) => Assert.IsType<CollectionReply.Stored>(_collections.Do(
        new CollectionRequest.Put(Calendar.Child(name), Event(name) with { Attachments = [id] }) { Attachment = new ManagedAttachment(id, "text/plain", "x.txt", new byte[1000]) }));

    private bool Has(string id) => _collections.Store.Read(new CollectionRequest.ReadAttachment(id)) is CollectionReply.AttachmentFound;

    private long Used() => Assert.IsType<CollectionReply.Quota>(_collections.Store.Read(new CollectionRequest.GetQuota())).Used;

    private static NewResource Contact(string uid, string? day) => Event(uid, component: CalendarComponents.None) with
    {
        Birthday = day is null ? null : Event($"day-{uid}", day) with { Body = Encoding.UTF8.GetBytes($"day-{uid}{day}") },
    };
}
