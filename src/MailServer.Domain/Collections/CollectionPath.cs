using System.Collections.Immutable;

namespace MailServer.Domain.Collections;

/// <summary>The path of a collection or resource within an account: a space and the names below its home.</summary>
public sealed class CollectionPath(CollectionSpace space, ImmutableArray<string> names) : IEquatable<CollectionPath>
{
    public CollectionSpace Space { get; } = space;

    public ImmutableArray<string> Names { get; } = names;

    public bool IsHome => Names.IsEmpty;

    /// <summary>The last name; empty for a home.</summary>
    public string Name => IsHome ? "" : Names[^1];

    /// <summary>The parent collection; a home is its own parent.</summary>
    public CollectionPath Parent => IsHome ? this : new CollectionPath(Space, Names.RemoveAt(Names.Length - 1));

    public static CollectionPath HomeOf(CollectionSpace space) => new(space, []);

    public CollectionPath Child(string name) => new(Space, Names.Add(name));

    /// <summary>True for the path itself and everything below it.</summary>
    public bool Contains(CollectionPath other) =>
        Space == other.Space && other.Names.Length >= Names.Length && other.Names.AsSpan()[..Names.Length].SequenceEqual(Names.AsSpan());

    public bool Equals(CollectionPath? other) => other is not null && Names.Length == other.Names.Length && Contains(other);

    public override bool Equals(object? obj) => Equals(obj as CollectionPath);

    public override int GetHashCode() => HashCode.Combine(Space, Names.Length, Name);

    public override string ToString() => $"{Space}/{string.Join('/', Names)}";
}
