using System.Text.Json.Serialization;

namespace MailServer.Web.Admin;

/// <summary>A calendar or address book, as the admin API tells it.</summary>
/// <param name="Name">Its name within its home.</param>
/// <param name="Kind">calendar or addressbook.</param>
/// <param name="Title">What programs show.</param>
/// <param name="Items">How many resources it holds.</param>
/// <param name="Octets">And their size.</param>
/// <param name="SharedWith">Addresses, each with read or read-write.</param>
/// <param name="SharedBy">Its owner, where that is another account.</param>
/// <param name="Links">Paths of its secret links.</param>
public sealed record CollectionDocument(
    string Name, string Kind, string Title, long Items, long Octets, IReadOnlyList<string> SharedWith, string SharedBy, IReadOnlyList<string> Links);

/// <summary>What came of a batch.</summary>
public sealed record ImportDocument(int Stored, IReadOnlyList<string> Refused);

/// <summary>The path of a secret link.</summary>
public sealed record LinkDocument(string Path);

/// <summary>The JSON of calendars and contacts in the admin API; the command line reads it with the same.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<CollectionDocument>))]
[JsonSerializable(typeof(ImportDocument))]
[JsonSerializable(typeof(LinkDocument))]
public sealed partial class DavJson : JsonSerializerContext;
