namespace MailServer.Architecture.Tests;

/// <summary>
/// Which folders of one folder use which others of it. An edge is a <c>using</c>, a name qualified by a namespace or a part of one, or a type of the folder
/// itself, which its subfolders see without either.
/// </summary>
public sealed class FolderGraph
{
    /// <summary>The node of the files that lie in the folder itself.</summary>
    public const string Root = "(root)";

    private const string Imports = "_Imports.razor";

    private readonly string _base;
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _edges = new(StringComparer.Ordinal);

    /// <param name="folder">A namespace, such as <c>MailServer.Actors</c>.</param>
    /// <param name="files">The files of the project.</param>
    public FolderGraph(string folder, IReadOnlyList<SourceFile> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        _base = folder;
        var inside = files.Where(f => NodeOf(f.Namespace) is not null).ToList();
        var types = inside.GroupBy(static f => f.Namespace, StringComparer.Ordinal)
            .ToDictionary(static g => g.Key, static g => g.SelectMany(static f => f.Types).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        var own = inside.Where(f => f.Namespace == folder).ToList();
        foreach (var file in inside)
        {
            var from = NodeOf(file.Namespace)!;
            _edges.TryAdd(from, new SortedDictionary<string, string>(StringComparer.Ordinal));
            foreach (var used in UsingsOf(file, files).Select(u => Owner(u, types)).OfType<string>()) Add(from, used, file.Path);
            foreach (var used in file.QualifiedNames.SelectMany(n => Resolve(file.Namespace, n, types))) Add(from, used, file.Path);
            if (from != Root && own.Exists(f => f.Types.Any(file.Names) || f.Extensions.Any(file.Calls))) Add(from, Root, file.Path);
        }
    }

    public IReadOnlyCollection<string> Folders => _edges.Keys;

    /// <summary>What a folder uses, in alphabetical order.</summary>
    public IReadOnlyCollection<string> UsedBy(string folder) => _edges.TryGetValue(folder, out var used) ? used.Keys : [];

    /// <summary>A file that makes the edge.</summary>
    public string Witness(string from, string to) => _edges[from][to];

    /// <summary>The folders that use each other in a circle, each group in alphabetical order.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Knots()
    {
        var reached = Folders.ToDictionary(static f => f, Reach, StringComparer.Ordinal);
        return
        [
            .. Folders.Where(f => reached[f].Contains(f)).GroupBy(f => Folders.First(g => reached[f].Contains(g) && reached[g].Contains(f)), StringComparer.Ordinal)
                .Select(static g => g.ToList()),
        ];
    }

    /// <summary>Every folder after those that it uses. Only for a graph without knots.</summary>
    public IReadOnlyList<string> Order()
    {
        var order = new List<string>();
        while (Folders.Except(order, StringComparer.Ordinal).FirstOrDefault(f => UsedBy(f).All(order.Contains)) is { } next) order.Add(next);
        return order;
    }

    /// <summary>All that is used by a folder, by what that uses, and so on.</summary>
    private HashSet<string> Reach(string folder)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<string>([folder]);
        while (waiting.TryPop(out var next))
            foreach (var used in UsedBy(next))
                if (reached.Add(used)) waiting.Push(used);
        return reached;
    }

    /// <summary>Usings in <c>_Imports.razor</c> belong to the other Razor files in its folder and below, not to that file.</summary>
    private static IEnumerable<string> UsingsOf(SourceFile file, IReadOnlyList<SourceFile> files)
    {
        if (!file.IsRazor) return file.Usings;
        return IsImports(file.Path) ? [] : file.Usings.Concat(files.Where(f => IsImports(f.Path) && file.Path.StartsWith(f.Path[..^Imports.Length], StringComparison.Ordinal)).SelectMany(static f => f.Usings));
    }

    private static bool IsImports(string path) => Path.GetFileName(path) == Imports;

    private void Add(string from, string to, string file)
    {
        if (from != to) _edges[from].TryAdd(to, file);
    }

    /// <summary>The node of a namespace; null when it lies outside.</summary>
    private string? NodeOf(string name) =>
        name == _base ? Root : name.StartsWith(_base + ".", StringComparison.Ordinal) ? name[(_base.Length + 1)..].Split('.')[0] : null;

    /// <summary>The node of what a <c>using</c> names, a namespace or a type.</summary>
    private string? Owner(string name, Dictionary<string, HashSet<string>> types)
    {
        if (types.ContainsKey(name)) return NodeOf(name);
        for (var dot = name.LastIndexOf('.'); dot > 0; dot = name.LastIndexOf('.', dot - 1))
            if (types.TryGetValue(name[..dot], out var declared) && declared.Contains(name[(dot + 1)..].Split('.')[0])) return NodeOf(name[..dot]);
        return null;
    }

    /// <summary>The nodes of a qualified name, looked up from the innermost namespace outwards as the compiler does.</summary>
    private IEnumerable<string> Resolve(string place, string name, Dictionary<string, HashSet<string>> types)
    {
        for (var scope = place; ; scope = scope[..Math.Max(0, scope.LastIndexOf('.'))])
        {
            var full = scope.Length == 0 ? name : scope + "." + name;
            for (var dot = full.IndexOf('.', Math.Min(full.Length - 1, scope.Length + 1)); dot >= 0; dot = full.IndexOf('.', dot + 1))
            {
                var next = full.IndexOf('.', dot + 1);
                var type = next < 0 ? full[(dot + 1)..] : full[(dot + 1)..next];
                if (types.TryGetValue(full[..dot], out var declared) && declared.Contains(type)) yield return NodeOf(full[..dot])!;
            }

            if (scope.Length == 0) yield break;
        }
    }
}
