using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Sieve.Rules;

namespace MailServer.Web.Pages.Self;

/// <summary>The form of a rule: rows of conditions, and what is to be done. The words are those of <see cref="RuleWords"/>.</summary>
internal static class RuleForm
{
    public const string NewFolder = "new-folder";
    public const string Place = "place";

    /// <summary>The rule, and the folders that must be made first.</summary>
    /// <exception cref="PageException">Fields are wrong.</exception>
    public static (MailRule Rule, IReadOnlyList<FolderName> NewFolders) Read(PageRequest request, IReadOnlyList<string> folders)
    {
        var conditions = new List<RuleCondition>();
        var actions = new List<RuleAction>();
        var created = new List<FolderName>();
        var checks = new List<Action>();
        for (var i = 1; i <= MailRule.MostParts; i++)
        {
            var row = i;
            checks.Add(() => AddCondition(request, conditions, row));
        }

        checks.Add(() => AddPlace(request, actions, created, folders));
        checks.Add(() => AddOthers(request, actions));
        PageException.CheckAll([.. checks]);
        var rule = new MailRule(request.Field("name"), request.Field("enabled") != "no", request.Field("match") == "any", conditions, actions);
        try
        {
            return (RuleWords.Check(rule), created);
        }
        catch (RuleFormatException e)
        {
            throw PageException.Invalid(RuleErrors.Sentence(e.Message), actions.Count == 0 ? Place : "name");
        }
    }

    private static void AddCondition(PageRequest request, List<RuleCondition> conditions, int row)
    {
        var (what, how, value, field) = (request.Field($"what-{row}"), request.Field($"how-{row}"), request.Field($"value-{row}").Trim(), request.Field($"header-{row}").Trim());
        if (what.Length == 0)
        {
            if (value.Length > 0) throw PageException.Invalid("Choose what to compare, or remove the text.", $"what-{row}");
            return;
        }

        var words = RuleEditModel.FixedWords(what) ?? what switch
        {
            "larger" => $"size over {value}",
            "smaller" => $"size under {value}",
            // "is not x" would be a negation.
            _ => $"{(what == "header" ? $"header {field}" : what)} {(how == "is" ? "equals" : how)} {value}",
        };
        if (what == "header" && field.Length == 0) throw PageException.Invalid("Write the name of the header field, such as X-Mailer.", $"header-{row}");
        conditions.Add(Parse(() => RuleWords.Condition(words), value.Length == 0 && RuleEditModel.FixedWords(what) is null ? "Write what to compare with." : null, $"value-{row}"));
    }

    private static void AddPlace(PageRequest request, List<RuleAction> actions, List<FolderName> created, IReadOnlyList<string> folders)
    {
        switch (request.Field(Place))
        {
            case "move":
                actions.Add(Parse(() => RuleWords.Check(new RuleAction(RuleActionKind.Move, FolderOf(request, created, folders))), null, "folder"));
                break;
            case "inbox":
                actions.Add(new RuleAction(RuleActionKind.Inbox));
                break;
            case "delete":
                actions.Add(new RuleAction(RuleActionKind.Delete));
                break;
        }
    }

    private static string FolderOf(PageRequest request, List<FolderName> created, IReadOnlyList<string> folders)
    {
        var text = request.Field(NewFolder).Trim();
        if (text.Length == 0) return request.Field("folder") is { Length: > 0 } chosen ? chosen : throw PageException.Invalid("Choose a folder, or write the name of a new one.", "folder");
        if (!FolderName.TryParse(text, out var name)) throw PageException.Invalid($"“{text}” cannot be the name of a folder.", NewFolder);
        if (!folders.Contains(name.Value, StringComparer.Ordinal)) created.Add(name);
        return name.Value;
    }

    private static void AddOthers(PageRequest request, List<RuleAction> actions)
    {
        for (var i = 1; i <= MailRule.MostParts; i++)
        {
            var row = i;
            void Add(string field, string words)
            {
                if (request.Field($"{field}-{row}").Trim() is { Length: > 0 } value) actions.Add(Parse(() => RuleWords.Action($"{words} {value}"), null, $"{field}-{row}"));
            }

            Add("copy", "copy to");
            Add("forward", "forward to");
            Add("keyword", "mark with");
        }

        var marks = request.Fields("mark").ToList();
        if (marks.Contains("read", StringComparer.Ordinal)) actions.Add(new RuleAction(RuleActionKind.MarkRead));
        if (marks.Contains("flagged", StringComparer.Ordinal)) actions.Add(new RuleAction(RuleActionKind.MarkFlagged));
        if (request.Field("stop") == "yes") actions.Add(new RuleAction(RuleActionKind.Stop));
    }

    private static T Parse<T>(Func<T> parse, string? message, string field)
    {
        try
        {
            return parse();
        }
        catch (RuleFormatException e)
        {
            throw PageException.Invalid(message ?? RuleErrors.Sentence(e.Message), field);
        }
    }
}
