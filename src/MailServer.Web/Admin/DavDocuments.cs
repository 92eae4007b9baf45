using System.Text;
using System.Text.Json.Serialization;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Import;

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

/// <summary>The result of sharing or of ending it. <paramref name="Changed"/> is false if the guest had the requested access already.</summary>
public sealed record ShareDocument(bool Changed);

/// <summary>The result of an import.</summary>
/// <param name="Found">The number of entries: the sum of the other three.</param>
/// <param name="Stored">The number of different entries that are stored now.</param>
/// <param name="Duplicates">The number of entries with the UID of an earlier entry of the file; the last one is stored.</param>
/// <param name="Refused">Describes each refused entry, with the reason.</param>
public sealed record DavImportDocument(int Found, int Stored, int Duplicates, IReadOnlyList<string> Refused)
{
    public static DavImportDocument Nothing { get; } = new(0, 0, 0, []);

    public DavImportDocument Add(DavImportDocument more) => new(Found + more.Found, Stored + more.Stored, Duplicates + more.Duplicates, [.. Refused, .. more.Refused]);
}

/// <summary>An entry of an import file that the command line has read. See <see cref="ImportEntry"/>.</summary>
public sealed record ImportEntryDocument(string Label, CollectionSpace Space, string Text, bool IsDuplicate, string? Fault)
{
    public static ImportEntryDocument Of(ImportEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return new ImportEntryDocument(entry.Label, entry.Space, Encoding.UTF8.GetString(entry.Text.Span), entry.IsDuplicate, entry.Fault);
    }

    public ImportEntry ToEntry() => new(Label, Space) { Text = Encoding.UTF8.GetBytes(Text), IsDuplicate = IsDuplicate, Fault = Fault };
}

/// <summary>The path of a secret link.</summary>
public sealed record SecretLinkDocument(string Path);

/// <summary>JSON serialization of calendars and contacts in the admin API, shared with the command line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<CollectionDocument>))]
[JsonSerializable(typeof(DavImportDocument))]
[JsonSerializable(typeof(ShareDocument))]
[JsonSerializable(typeof(IReadOnlyList<ImportEntryDocument>))]
[JsonSerializable(typeof(SecretLinkDocument))]
public sealed partial class DavJson : JsonSerializerContext;
