using System.Collections;

namespace MailServer.Configuration;

/// <summary>
/// Reads the configuration from a file, overridden by environment variables. Reports all errors with their lines instead of stopping at the first; a key
/// with an error keeps its default. Relative paths of certificates and passwords are relative to the working directory; other paths are absolute.
/// </summary>
public static class ConfigurationLoader
{
    /// <summary>Reads the options from <paramref name="path"/>.</summary>
    /// <exception cref="ConfigurationException">The configuration has errors; the exception contains all of them.</exception>
    public static MailServerOptions Load(string path, IDictionary environment)
    {
        var loaded = Read(path, environment);
        var errors = loaded.Problems.Where(static p => !p.IsWarning).ToArray();
        return errors.Length == 0 ? loaded.Options : throw new ConfigurationException(errors);
    }

    /// <summary>Reads the options and returns errors and warnings instead of throwing.</summary>
    public static LoadedConfiguration Read(string path, IDictionary environment)
    {
        var problems = new List<ConfigurationProblem>();
        if (ConfigurationText.Read(path, problems) is not { } text) return new LoadedConfiguration(new MailServerOptions(), problems);
        var loaded = Parse(text, path, environment);
        if (!loaded.IsEmpty || loaded.Problems.Any(static p => !p.IsWarning)) return loaded;
        return loaded with { Problems = [new ConfigurationProblem(path, 0, "", "is empty; copy configs/config.example.yaml there, or run 'mailserver setup'")] };
    }

    /// <summary>Like <see cref="Read"/>, and also checks files and addresses of this machine: returns every error that prevents a start.</summary>
    public static LoadedConfiguration ReadForStart(string path, IDictionary environment)
    {
        var loaded = Read(path, environment);
        var problems = new List<ConfigurationProblem>(loaded.Problems);
        ConfigurationRules.Check(MachineRules.Errors, loaded.Options, path, loaded.LineOf, problems);
        return loaded with { Problems = problems };
    }

    /// <summary>Parses the text of a configuration; <paramref name="source"/> is its name in error messages.</summary>
    public static LoadedConfiguration Parse(string text, string source, IDictionary environment)
    {
        var problems = new List<ConfigurationProblem>();
        var entries = Overlay(YamlEntries.Read(text, source, problems), EnvironmentEntries.Read(environment));
        var options = new MailServerOptions { ConfigurationFile = source };
        foreach (var group in entries.GroupBy(static e => e.Path.Split('.')[0], StringComparer.Ordinal))
        {
            if (ConfigurationKeys.Sections.TryGetValue(group.Key, out var section)) section.Bind(options, [.. group], problems);
            else if (group.Key == ConfigurationKeys.Domains) OptionsBinder.Bind(ConfigurationKeys.DomainList, group.Key, options, [.. group], problems);
            else AddUnknown(group.First(), group.Key, problems);
        }

        if (options.Cluster.Enabled) options = options with { Storage = options.Storage with { Node = options.Cluster.NodeName } };
        ConfigurationRules.Check(options, source, key => LineOf(entries, key), problems);
        return new LoadedConfiguration(options, problems) { IsEmpty = entries.TrueForAll(static e => e.Shape == EntryShape.EmptyMapping), LineOf = key => LineOf(entries, key) };
    }

    /// <summary>Environment variables replace values of the file: a whole list, or single items by index.</summary>
    private static List<ConfigurationEntry> Overlay(List<ConfigurationEntry> file, List<ConfigurationEntry> environment)
    {
        var replaced = environment.ConvertAll(static e => e.Path);
        file.RemoveAll(e => replaced.Exists(r => e.Path == r || e.Path.StartsWith(r + ".", StringComparison.Ordinal)));
        return [.. file, .. environment];
    }

    private static void AddUnknown(ConfigurationEntry entry, string name, List<ConfigurationProblem> problems) => problems.Add(new ConfigurationProblem(
        entry.Source, entry.Line, name, "unknown section; " + Suggestion.For(name, [.. ConfigurationKeys.Sections.Keys, ConfigurationKeys.Domains])));

    private static int LineOf(List<ConfigurationEntry> entries, string key) =>
        entries.Find(e => e.Path == key || e.Path.StartsWith(key + ".", StringComparison.Ordinal))?.Line ?? 0;
}

/// <summary>The options that were read, with errors and warnings.</summary>
public sealed record LoadedConfiguration(MailServerOptions Options, IReadOnlyList<ConfigurationProblem> Problems)
{
    /// <summary>Whether neither the file nor the environment contains any value.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>Returns the line of a key, starting at 1; 0 if it is not in the file.</summary>
    public Func<string, int> LineOf { get; init; } = static _ => 0;
}
