using System.Text;
using MailServer.Domain;
using MailServer.Domain.Collections;
using MailServer.Storage.Collections;

namespace MailServer.Storage.Tests.Collections;

/// <summary>The collections of one account in their own directory, which can be closed and reopened.</summary>
internal sealed class TestCollections(Limits? limits = null, TimeProvider? time = null) : IDisposable
{
    public static readonly CollectionPath Calendar = CollectionPath.HomeOf(CollectionSpace.Calendars).Child("calendar");
    public static readonly CollectionPath Contacts = CollectionPath.HomeOf(CollectionSpace.AddressBooks).Child("contacts");
    public static readonly CollectionPath Files = CollectionPath.HomeOf(CollectionSpace.Files);

    private readonly string _directory = Path.Combine(Path.GetTempPath(), "collections-" + Guid.NewGuid().ToString("N"));
    private CollectionStore? _store;

    public CollectionStore Store =>
        _store ??= CollectionStore.Open(new CollectionStoreOptions { Directory = _directory, Limits = limits ?? Limits.Default }, time ?? TimeProvider.System);

    public static NewResource Event(string uid, string text = "", CalendarComponents component = CalendarComponents.Event, long first = 0, long last = 1) => new()
    {
        Body = Encoding.UTF8.GetBytes(uid + text),
        ETag = $"tag-{uid}-{text}",
        ContentType = "text/calendar",
        Uid = uid,
        Component = component,
        First = first,
        Last = last,
    };

    public static NewResource File(string text) => new() { Body = Encoding.UTF8.GetBytes(text), ETag = $"tag-{text}", ContentType = "text/plain" };

    /// <summary>Makes a change and commits it.</summary>
    public CollectionReply Do(CollectionRequest.Change change)
    {
        var reply = Store.Change(change);
        Store.Commit();
        return reply;
    }

    public CollectionReply Put(CollectionPath path, NewResource resource, Preconditions? conditions = null) =>
        Do(new CollectionRequest.Put(path, resource) { Conditions = conditions ?? Preconditions.None });

    public void PutAll(CollectionPath collection, params string[] names)
    {
        foreach (var name in names) Assert.IsType<CollectionReply.Stored>(Put(collection.Child(name), Event(name)));
    }

    public CollectionRefusal Refusal(CollectionRequest.Change change) => Assert.IsType<CollectionReply.Refused>(Do(change)).Reason;

    public IEnumerable<string> Names(CollectionPath path) =>
        Assert.IsType<CollectionReply.Page>(Store.Read(new CollectionRequest.List(path, 0, WithProperties: false))).Resources.Select(entry => entry.Name);

    public string? Text(CollectionPath path) =>
        Store.Read(new CollectionRequest.Find(path, WithBody: true)) is CollectionReply.ItemFound { Resource: { } found } ? Encoding.UTF8.GetString(found.Body.Span) : null;

    public void Reopen()
    {
        _store?.Dispose();
        _store = null;
    }

    public void Dispose()
    {
        _store?.Dispose();
        if (System.IO.Directory.Exists(_directory)) System.IO.Directory.Delete(_directory, recursive: true);
    }
}
