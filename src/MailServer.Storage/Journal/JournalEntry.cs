namespace MailServer.Storage.Journal;

/// <summary>A stored event of a persistent actor.</summary>
/// <param name="PersistenceId">The actor.</param>
/// <param name="SequenceNumber">Its position among the actor's events, from 1.</param>
/// <param name="Created">The time in ticks (UTC).</param>
/// <param name="Content">The serialized event.</param>
/// <param name="Manifest">Its type, for the serializer.</param>
/// <param name="Serializer">The identifier of the serializer.</param>
/// <param name="Writer">The start of the actor that wrote it.</param>
public sealed record JournalEntry(string PersistenceId, long SequenceNumber, long Created, byte[] Content, string Manifest, int Serializer, string Writer);

/// <summary>The stored state of a persistent actor after the event with <paramref name="SequenceNumber"/>.</summary>
/// <param name="PersistenceId">The actor.</param>
/// <param name="SequenceNumber">The last event that it contains.</param>
/// <param name="Created">The time in ticks (UTC).</param>
/// <param name="Content">The serialized state.</param>
/// <param name="Manifest">Its type, for the serializer.</param>
/// <param name="Serializer">The identifier of the serializer.</param>
public sealed record JournalSnapshot(string PersistenceId, long SequenceNumber, long Created, byte[] Content, string Manifest, int Serializer);

/// <summary>Chooses snapshots of a persistent actor; all bounds are inclusive.</summary>
/// <param name="PersistenceId">The actor.</param>
/// <param name="FirstNumber">The lowest sequence number.</param>
/// <param name="LastNumber">The highest sequence number.</param>
/// <param name="FirstCreated">The earliest time in ticks (UTC).</param>
/// <param name="LastCreated">The latest time in ticks (UTC).</param>
public readonly record struct SnapshotRange(string PersistenceId, long FirstNumber, long LastNumber, long FirstCreated, long LastCreated);
