using System.CommandLine;
using System.Text;

namespace MailServer.Commands.Manual;

/// <summary>Completion scripts for shells, from the command tree. They do not run the program.</summary>
internal static class CompletionScripts
{
    public const string Bash = "bash";
    public const string Zsh = "zsh";
    public const string Fish = "fish";

    public static string Write(string shell, Command root)
    {
        var outlines = CommandOutline.All(root).ToArray();
        return shell switch
        {
            Bash => ForBash(outlines),
            Zsh => ForZsh(outlines),
            _ => ForFish(outlines),
        };
    }

    private static string ForBash(CommandOutline[] outlines)
    {
        var script = new StringBuilder($$"""
            # bash completion for mailserver. Load it with: source <(mailserver completion bash)
            _mailserver() {
              local current=${COMP_WORDS[COMP_CWORD]}
              local previous=${COMP_WORDS[COMP_CWORD-1]}
              local at="" word words="" files=""
              for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                case "$at $word" in
                  {{Paths(outlines, "\"", "|")}}) at="$at $word" ;;
                esac
              done
              COMPREPLY=()
              case "$previous" in
                {{string.Join('|', Values(outlines, isFile: true))}}) COMPREPLY=($(compgen -f -- "$current")); return ;;
                {{string.Join('|', Values(outlines, isFile: false))}}) return ;;
              esac
              case "$at" in

            """);
        foreach (var outline in outlines)
            script.Append($"    \"{Key(outline)}\") words=\"{string.Join(' ', WordsOf(outline).Select(static w => w.Name))}\" files={(outline.TakesFile ? "-f" : "")} ;;\n");
        return script.Append("""
              esac
              COMPREPLY=($(compgen $files -W "$words" -- "$current"))
            }
            complete -o filenames -F _mailserver mailserver

            """).ToString();
    }

    private static string ForZsh(CommandOutline[] outlines)
    {
        var script = new StringBuilder($$"""
            #compdef mailserver
            # zsh completion for mailserver. Load it with: source <(mailserver completion zsh)
            _mailserver() {
              local at="" word files=""
              local -a items
              for word in ${words[2,CURRENT-1]}; do
                case "$at $word" in
                  ({{Paths(outlines, "\"", "|")}}) at="$at $word" ;;
                esac
              done
              case "${words[CURRENT-1]}" in
                ({{string.Join('|', Values(outlines, isFile: true))}}) _files; return ;;
                ({{string.Join('|', Values(outlines, isFile: false))}}) return ;;
              esac
              case "$at" in

            """);
        foreach (var outline in outlines)
        {
            var items = string.Join(' ', WordsOf(outline).Select(static w => $"'{w.Name}:{w.Text.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
            script.Append($"    (\"{Key(outline)}\") items=({items}) files={(outline.TakesFile ? "yes" : "")} ;;\n");
        }

        return script.Append("""
              esac
              _describe mailserver items
              [[ -n $files ]] && _files
            }
            if [[ $funcstack[1] == _mailserver ]]; then _mailserver "$@"; else compdef _mailserver mailserver; fi

            """).ToString();
    }

    private static string ForFish(CommandOutline[] outlines)
    {
        var script = new StringBuilder($$"""
            # fish completion for mailserver. Load it with: mailserver completion fish | source
            function __mailserver_at
              set -l at ""
              for word in (commandline -opc)[2..]
                switch "$at $word"
                  case {{Paths(outlines, "'", " ")}}
                    set at "$at $word"
                end
              end
              test "$at" = "$argv[1]"
            end
            complete -c mailserver -f

            """);
        foreach (var outline in outlines)
        {
            var start = $"complete -c mailserver -n \"__mailserver_at '{Key(outline)}'\"";
            foreach (var child in outline.Children) script.Append($"{start} -a {child.Name} -d '{ForFish(CommandGroup.SummaryOf(child))}'\n");
            foreach (var option in outline.Options)
            {
                var names = string.Join(' ', CommandOutline.NamesOf(option).Select(static n => n.StartsWith("--", StringComparison.Ordinal) ? $"-l {n[2..]}" : $"-s {n[1..]}"));
                var value = !CommandOutline.TakesValue(option) ? "" : CommandOutline.IsFile(option) ? " -r -F" : " -x";
                script.Append($"{start} {names}{value} -d '{ForFish(option.Description ?? "")}'\n");
            }

            if (outline.TakesFile) script.Append($"{start} -F\n");
        }

        return script.ToString();
    }

    private static string ForFish(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);

    /// <summary>The name of a command in the scripts: its words, each after a space.</summary>
    private static string Key(CommandOutline outline) => outline.Path.Length == 0 ? "" : " " + outline.Path;

    private static string Paths(IEnumerable<CommandOutline> outlines, string quote, string separator) =>
        string.Join(separator, outlines.Where(static o => o.Path.Length > 0).Select(o => $"{quote}{Key(o)}{quote}"));

    private static IEnumerable<(string Name, string Text)> WordsOf(CommandOutline outline) =>
        outline.Children.Select(static c => (c.Name, CommandGroup.SummaryOf(c)))
            .Concat(outline.Options.Select(static o => (o.Name, o.Description ?? "")));

    /// <summary>The options of all commands that need a value.</summary>
    private static IEnumerable<string> Values(IEnumerable<CommandOutline> outlines, bool isFile) =>
        outlines.SelectMany(static o => o.Options).Where(o => CommandOutline.TakesValue(o) && CommandOutline.IsFile(o) == isFile).Select(static o => o.Name)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
}
