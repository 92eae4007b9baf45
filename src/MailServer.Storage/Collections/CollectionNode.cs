using MailServer.Domain.Collections;

namespace MailServer.Storage.Collections;

/// <summary>A collection in memory. All collections of an account are loaded, but not their members.</summary>
internal sealed class CollectionNode
{
    private CollectionInfo? _info;

    public required long Id { get; init; }

    public required CollectionNode? Parent { get; set; }

    public required CollectionPath Path { get; set; }

    public required CollectionKind Kind { get; init; }

    public required CalendarComponents Components { get; init; }

    public required long Created { get; init; }

    public required long ModSeq { get; set; }

    /// <summary>Removals up to this mod-sequence are no longer recorded, so that older sync tokens are invalid.</summary>
    public required long PrunedModSeq { get; set; }

    public SortedDictionary<string, CollectionNode> Children { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Properties { get; init; } = new(StringComparer.Ordinal);

    public IReadOnlyList<CollectionGrant> Grants { get; set; } = [];

    public CollectionMount? Mount { get; set; }

    public IReadOnlyList<string> Secrets { get; set; } = [];

    public bool IsGenerated { get; set; }

    /// <summary>True if properties were changed in the open transaction.</summary>
    public bool PropertiesChanged { get; set; }

    public CollectionInfo Info => _info ??= new CollectionInfo
    {
        Id = Id,
        Path = Path,
        Kind = Kind,
        Components = Components,
        Created = DateTimeOffset.FromUnixTimeSeconds(Created),
        ModSeq = ModSeq,
        Properties = new Dictionary<string, string>(Properties, StringComparer.Ordinal),
        Grants = Grants,
        Mount = Mount,
        LinkSecrets = Secrets,
        IsGenerated = IsGenerated,
    };

    public void Changed(long modSeq)
    {
        ModSeq = modSeq;
        _info = null;
    }

    /// <summary>Returns the node and all its descendants.</summary>
    public IEnumerable<CollectionNode> Subtree() => Children.Values.SelectMany(child => child.Subtree()).Prepend(this);

    /// <summary>Changes the path of the node and its descendants.</summary>
    public void Relocate(CollectionPath path)
    {
        Path = path;
        _info = null;
        foreach (var (name, child) in Children) child.Relocate(path.Child(name));
    }
}
