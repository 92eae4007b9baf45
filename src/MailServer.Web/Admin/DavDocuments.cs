using System.Text.Json.Serialization;

namespace MailServer.Web.Admin;

/// <summary>A calendar or address book in the admin API.</summary>
/// <param name="Name">The name within its home.</param>
/// <param name="Kind">calendar or addressbook.</param>
/// <param name="Title">The display name.</param>
/// <param name="Items">The number of resources.</param>
/// <param name="Octets">The total size of the resources in octets.</param>
/// <param name="SharedWith">The addresses of guests, each followed by (read) or (read-write).</param>
/// <param name="SharedBy">The owner, if it is another account.</param>
/// <param name="Links">The paths of the secret links.</param>
public sealed record CollectionDocument(
    string Name, string Kind, string Title, long Items, long Octets, IReadOnlyList<string> SharedWith, string SharedBy, IReadOnlyList<string> Links);

/// <summary>The result of an import batch.</summary>
public sealed record DavImportDocument(int Stored, IReadOnlyList<string> Refused);

/// <summary>The path of a secret link.</summary>
public sealed record SecretLinkDocument(string Path);

/// <summary>JSON serialization of calendars and contacts in the admin API, shared with the command line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<CollectionDocument>))]
[JsonSerializable(typeof(DavImportDocument))]
[JsonSerializable(typeof(SecretLinkDocument))]
public sealed partial class DavJson : JsonSerializerContext;
