using System.Text;

namespace MailServer.Configuration;

/// <summary>The reference of all configuration keys in Markdown, and the example configuration, both from the declarations of the keys.</summary>
internal static class ConfigurationReference
{
    private const int ExampleColumns = 118;

    /// <summary>The page <c>docs/reference/configuration.md</c>.</summary>
    public static string WriteMarkdown()
    {
        var page = new StringBuilder("""
            # Configuration keys

            <!-- Written by 'mailserver man DIR --reference' from the program itself: change the texts in the classes of src/MailServer/Configuration/*Options.cs. -->

            The server reads `/etc/mailserver/config.yaml`, or the file that `--config` names. [config.example.yaml](../../configs/config.example.yaml) shows all keys with their defaults.
            `mailserver config check` finds errors.

            - **Changes** take effect with a restart: `systemctl restart mailserver`. A reload (`systemctl reload mailserver`) does not read the configuration again. Where "file" is in the column *restart*, the
              key itself needs a restart, but new contents of the file that it names are used without one.
            - **Environment variables** replace keys: `MAILSERVER_SERVER__HOSTNAME=mail.example.org` sets `server.hostname`. Commas separate the items of a list.
            - **Durations** are `30s`, `5m`, `12h` or `5d`; **sizes** are bytes, or `64KB`, `25MB`, `1GB` (powers of 1024); **switches** are `true` or `false`.
            - **Paths** in `storage` and `tls.cache_dir` are absolute. Other relative paths start at the working directory.
            - A key with nothing after the colon keeps its default. `[]` is an empty list.

            """);
        foreach (var section in ConfigurationKeys.Sections.Values)
        {
            AppendSection(page, section.Name, section.Text, section.Outline);
            if (section.Name == "storage") AppendSection(page, ConfigurationKeys.Domains, ConfigurationKeys.DomainList.Text, DomainKeys);
        }

        return page.ToString();
    }

    /// <summary>The file <c>configs/config.example.yaml</c>.</summary>
    public static string WriteExample()
    {
        var file = new StringBuilder("""
            # Example configuration of mailserver: every key with its default. A key that is commented out has none, or one that depends on something else.
            # Copy what you change to /etc/mailserver/config.yaml, then run 'mailserver config check'.
            #
            # Durations: 30s, 5m, 12h, 5d. Sizes: bytes, or 64KB, 25MB, 1GB (powers of 1024). Environment variables replace keys:
            # MAILSERVER_SERVER__HOSTNAME=mail.example.org; commas separate the items of a list. Changes need a restart.
            #
            # Written by 'mailserver man DIR --reference' from the program itself.

            """);
        foreach (var section in ConfigurationKeys.Sections.Values)
        {
            AppendComment(file.Append('\n'), "", section.Text);
            file.Append($"{section.Name}:\n");
            foreach (var key in section.Outline.Where(k => k.Path.Count(static c => c == '.') == 1)) AppendExample(file, "  ", key);
            if (section.Name == "storage") AppendDomains(file);
        }

        return file.ToString();
    }

    private static ConfigurationKeyOutline[] DomainKeys => [.. ConfigurationKeys.Domain.SelectMany(static k => k.Outline(ConfigurationKeys.Domains, new DomainOptions()))];

    private static void AppendSection(StringBuilder page, string name, string text, IReadOnlyList<ConfigurationKeyOutline> keys)
    {
        page.Append($"\n## {name}\n\n{text}\n\n| key | type | default | restart | what it does |\n|---|---|---|---|---|\n");
        foreach (var key in keys)
            page.Append($"| `{key.Path}` | {Cell(key.Allowed)}{(key.IsList ? ", or a list" : "")} | {(key.Default is { } value ? $"`{value}`" : "")} | {(key.IsFileReread ? "file" : "yes")} | {Cell(key.Text)} |\n");
    }

    private static void AppendDomains(StringBuilder file)
    {
        AppendComment(file.Append('\n'), "", ConfigurationKeys.DomainList.Text);
        file.Append($"{ConfigurationKeys.Domains}: []\n");
        foreach (var (number, key) in DomainKeys.Index()) file.Append($"#{(number == 0 ? " - " : "   ")}{key.Name}: {key.Example ?? key.Default ?? "example.org"}\n");
    }

    private static void AppendExample(StringBuilder file, string indent, ConfigurationKeyOutline key)
    {
        AppendComment(file, indent, key.Text + (key.Allowed.StartsWith("one of ", StringComparison.Ordinal) ? $" Allowed: {key.Allowed[7..]}." : ""));
        file.Append($"{indent}{(key is { Default: null, IsAdvised: false } ? "# " : "")}{key.Name}: {key.Default ?? key.Example}\n");
    }

    private static void AppendComment(StringBuilder file, string indent, string text)
    {
        var line = "";
        foreach (var word in text.Replace("`", "", StringComparison.Ordinal).Split(' '))
        {
            if (line.Length > 0 && indent.Length + line.Length + word.Length + 3 > ExampleColumns)
            {
                file.Append($"{indent}# {line}\n");
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        file.Append($"{indent}# {line}\n");
    }

    // A cell ends at a vertical bar; the descriptions of values quote theirs with apostrophes.
    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
