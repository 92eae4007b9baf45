using System.Globalization;

namespace MailServer.Load;

/// <summary>
/// The memory of a server: the sum of the proportional set sizes of its processes and all their descendants,
/// so that shared memory counts once (Linux, <c>/proc/PID/smaps_rollup</c>).
/// </summary>
internal static class ProcessMemory
{
    public static long PssKilobytes(IReadOnlyCollection<int> roots) => Family(roots).Sum(Pss);

    private static HashSet<int> Family(IReadOnlyCollection<int> roots)
    {
        var children = Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0)
            .ToLookup(Parent);
        var family = new HashSet<int>();
        var open = new Stack<int>(roots);
        while (open.TryPop(out var pid))
            if (family.Add(pid))
                foreach (var child in children[pid]) open.Push(child);
        return family;
    }

    // proc(5): "pid (name) state ppid ..."; the name may contain anything, so the last parenthesis is used.
    private static int Parent(int pid)
    {
        var stat = ReadOrEmpty($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 1 ? int.Parse(fields[1], CultureInfo.InvariantCulture) : 0;
    }

    private static long Pss(int pid)
    {
        var line = ReadOrEmpty($"/proc/{pid}/smaps_rollup").Split('\n').FirstOrDefault(l => l.StartsWith("Pss:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    // A process may end during the scan.
    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
