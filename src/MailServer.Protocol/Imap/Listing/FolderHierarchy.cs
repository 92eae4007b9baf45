using System.Runtime.InteropServices;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Names;

namespace MailServer.Protocol.Imap.Listing;

/// <summary>The names that a LIST can return: all folders, the missing parents of their names and, if subscribed names are selected, these with their parents.</summary>
internal sealed class FolderHierarchy
{
    private readonly Dictionary<FolderName, ListedFolder> _names;
    private readonly ListOptions _options;

    public FolderHierarchy(MailboxReply.Folders folders, ListOptions options)
    {
        _options = options;
        _names = new Dictionary<FolderName, ListedFolder>(folders.All.Count);
        foreach (var folder in folders.All) _names[folder.Name] = new ListedFolder(folder.Name, folder.Role, IsFolder: true);
        foreach (var folder in folders.All)
        {
            for (var above = folder.Name.Parent; above is { } parent; above = parent.Parent)
            {
                var listed = Named(parent);
                if (listed.HasChildren) break; // its ancestors are marked already
                listed.HasChildren = true;
            }
        }

        foreach (var subscribed in folders.Subscriptions)
        {
            if (options.SelectsSubscribed) Named(subscribed).IsSubscribed = true;
            else if (_names.TryGetValue(subscribed, out var listed)) listed.IsSubscribed = true;
        }
    }

    /// <summary>The names that match the patterns and the selection options: INBOX first, the others sorted.</summary>
    public IEnumerable<ListedFolder> Select(List<ListPattern> patterns)
    {
        // Names that do not match the selection, but are above one that matches it and does not match the patterns (RFC 5258 §3.5).
        var above = new HashSet<FolderName>();
        foreach (var listed in _names.Values.ToList())
        {
            listed.IsSelected = Fulfils(listed);
            if (listed.IsSelected && _options.IsRecursive) MarkAncestors(listed.Name, ListPattern.Any(patterns, listed.Name) ? null : above);
        }

        return _names.Values
            .Where(listed => (listed.IsSelected || above.Contains(listed.Name)) && ListPattern.Any(patterns, listed.Name))
            .OrderBy(static listed => !listed.Name.IsInbox).ThenBy(static listed => listed.Name.Value, StringComparer.Ordinal);
    }

    /// <summary>One name, if it is listed.</summary>
    public ListedFolder? Find(FolderName name) => _names.GetValueOrDefault(name);

    private bool Fulfils(ListedFolder listed) =>
        (!_options.SelectsSubscribed || listed.IsSubscribed) && (!_options.Selections.HasFlag(ListSelections.SpecialUse) || listed.Role != FolderRole.None);

    private void MarkAncestors(FolderName name, HashSet<FolderName>? hidden)
    {
        for (var at = name.Parent; at is { } parent; at = parent.Parent)
        {
            Named(parent).HasSelectedChildren = true;
            hidden?.Add(parent);
        }
    }

    private ListedFolder Named(FolderName name)
    {
        ref var listed = ref CollectionsMarshal.GetValueRefOrAddDefault(_names, name, out _);
        return listed ??= new ListedFolder(name, FolderRole.None, IsFolder: false);
    }
}
