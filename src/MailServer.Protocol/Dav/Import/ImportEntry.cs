using MailServer.Domain.Collections;

namespace MailServer.Protocol.Dav.Import;

/// <summary>An event with its overrides, a task or a contact from an import file, in the form in which it is stored.</summary>
/// <param name="Label">Describes the entry to the user: its kind, number, line and name.</param>
/// <param name="Space">The kind of collection to which it belongs.</param>
public sealed record ImportEntry(string Label, CollectionSpace Space)
{
    /// <summary>The calendar object or vCard; empty if there is nothing to store.</summary>
    public ReadOnlyMemory<byte> Text { get; init; }

    /// <summary>True if the file contains an earlier entry with the same UID.</summary>
    public bool IsDuplicate { get; init; }

    /// <summary>The reason why the entry cannot be read; null if it can.</summary>
    public string? Fault { get; init; }
}
