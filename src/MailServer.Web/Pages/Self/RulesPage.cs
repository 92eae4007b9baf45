using System.Globalization;
using MailServer.Actors.Filtering;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Sieve.Rules;
using MailServer.Web.Admin;

namespace MailServer.Web.Pages.Self;

/// <summary>The user's rules for arriving mail.</summary>
internal static class RulesPage
{
    public const string Path = "/me/rules";
    private const string EditPath = "/me/rules/edit";
    private const string TryPath = "/me/rules/try";
    private const string All = "all";

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.SignedIn, ShowAsync),
        PageRoute.Get(EditPath, PageAudience.SignedIn, EditAsync),
        PageRoute.Get(TryPath, PageAudience.SignedIn, TryAsync),
        PageRoute.Get("/me/rules/script", PageAudience.SignedIn, ScriptAsync),
        PageRoute.Post("/me/rules/save", PageAudience.SignedIn, SaveAsync, Path),
        PageRoute.Post("/me/rules/move", PageAudience.SignedIn, MoveAsync, Path),
        PageRoute.Post("/me/rules/switch", PageAudience.SignedIn, SwitchAsync, Path),
        PageRoute.Post("/me/rules/remove", PageAudience.SignedIn, RemoveAsync, Path)
            .Confirmed("Remove", ["number", "version"], static r => $"Remove rule {r.Key("number")}?", static _ => "The rule is deleted. Mail that it has filed stays where it is."),
        PageRoute.Post("/me/rules/apply", PageAudience.SignedIn, ApplyAsync, Path).Confirmed(
            "Apply", ["folder", "number"],
            static r => r.Key("number") == All ? $"Apply the rules to {FolderTitle(r.Key("folder"))}?" : $"Apply rule {r.Key("number")} to {FolderTitle(r.Key("folder"))}?",
            static _ => "Messages in the folder are moved, copied, marked and deleted as the rules say. Nothing is forwarded or answered. This cannot be undone."),
        PageRoute.Post("/me/rules/activate", PageAudience.SignedIn, ActivateAsync, Path),
        PageRoute.Post("/me/rules/include", PageAudience.SignedIn, IncludeAsync, Path).About("name"),
        PageRoute.Post("/me/rules/replace", PageAudience.SignedIn, ReplaceAsync, Path)
            .Confirmed("Start over", ["version"], static _ => "Start over without rules?", static _ => "The script that was edited with another program no longer runs. It is kept under another name, so nothing is lost."),
    ];

    /// <summary>What people call a folder.</summary>
    public static string FolderTitle(string name) => name == "INBOX" ? "the inbox" : $"“{name}”";

    private static async Task<PageResult> ShowAsync(PageRequest request)
    {
        var state = await RuleErrors.ExplainAsync(() => request.Services.Rules.ReadAsync(request.Account, request.Cancel));
        var folders = (await FoldersAsync(request)).ToHashSet(StringComparer.Ordinal);
        return PageResult.Render<RulesView, RulesModel>("Rules", new RulesModel(state, [.. state.Known.Rules.Select((r, i) => RowOf(r, i + 1, folders))], request.Services.Time.GetUtcNow()));
    }

    private static async Task<PageResult> EditAsync(PageRequest request)
    {
        var state = await RuleErrors.ExplainAsync(() => request.Services.Rules.ReadAsync(request.Account, request.Cancel));
        if (state.Rules is not { } rules) throw new PageException(409, $"The rules were edited with another program: {state.Fault}.");
        var number = NumberOf(request.Query("number"));
        if (number > rules.Rules.Count) throw PageException.NotFound();
        var rule = number is { } known ? rules.Rules[known - 1] : null;
        return PageResult.Render<RuleEditView, RuleEditModel>(rule is null ? "New rule" : $"Rule {number}", RuleEditModel.Of(number, rule, state.Version, await FoldersAsync(request)));
    }

    private static async Task<PageResult> SaveAsync(PageRequest request)
    {
        var number = NumberOf(request.Field("number"));
        request.FormPath = number is { } known ? DisplayFormat.Link(EditPath, "number", Text(known)) : EditPath;
        var version = RuleErrors.VersionOf(request);
        var folders = await FoldersAsync(request);
        var (rule, newFolders) = RuleForm.Read(request, folders);
        var tries = request.Field("then") == "try";
        if (tries) rule = rule with { IsEnabled = false };
        foreach (var folder in newFolders) await CreateAsync(request, folder);
        var rules = request.Services.Rules;
        var isChanged = true;
        var saved = await RuleErrors.ExplainAsync(async () =>
        {
            if (number is not { } old) return await rules.AddAsync(request.Account, rule, null, version, request.Cancel);
            isChanged = await rules.SetAsync(request.Account, old, rule, version, request.Cancel);
            return old;
        });
        if (tries) return request.RedirectWithNotice("The rule is saved and switched off. This is what it would do.", DisplayFormat.Link(TryPath, "number", Text(saved)));
        if (!isChanged) return request.RedirectUnchanged("the rule is like that already");
        var state = await rules.ReadAsync(request.Account, request.Cancel);
        return request.RedirectWithNotice(state.IsActive && rule.IsEnabled ? $"Rule {saved} is saved. It counts for mail that arrives from now on." : $"Rule {saved} is saved.");
    }

    private static async Task<PageResult> MoveAsync(PageRequest request)
    {
        var (number, to) = (Required(request, "number"), Required(request, "position"));
        return await RuleErrors.ExplainAsync(() => request.Services.Rules.MoveAsync(request.Account, number, to, RuleErrors.VersionOf(request), request.Cancel))
            ? request.RedirectWithNotice($"The rule is now number {to}.")
            : request.RedirectUnchanged("the rule is there already");
    }

    private static async Task<PageResult> SwitchAsync(PageRequest request)
    {
        var (number, isOn) = (Required(request, "number"), request.Field("on") == "yes");
        return await RuleErrors.ExplainAsync(() => request.Services.Rules.EnableAsync(request.Account, number, isOn, RuleErrors.VersionOf(request), request.Cancel))
            ? request.RedirectWithNotice(isOn ? $"Rule {number} is switched on. It counts for mail that arrives from now on." : $"Rule {number} is switched off.")
            : request.RedirectUnchanged(isOn ? "the rule is on already" : "the rule is off already");
    }

    private static async Task<PageResult> RemoveAsync(PageRequest request)
    {
        var number = Required(request, "number");
        await RuleErrors.ExplainAsync(async () =>
        {
            await request.Services.Rules.RemoveAsync(request.Account, number, RuleErrors.VersionOf(request), request.Cancel);
            return true;
        });
        return request.RedirectWithNotice($"Rule {number} is removed.");
    }

    private static async Task<PageResult> ActivateAsync(PageRequest request)
    {
        bool? includes = request.Field("include") switch { "yes" => true, "no" => false, _ => null };
        return await RuleErrors.ExplainAsync(() => request.Services.Rules.ActivateAsync(request.Account, includes, request.Cancel))
            ? request.RedirectWithNotice("The rules count for mail that arrives from now on.")
            : request.RedirectUnchanged("the rules run already");
    }

    private static async Task<PageResult> IncludeAsync(PageRequest request)
    {
        var name = request.Field("name");
        return await RuleErrors.ExplainAsync(() => request.Services.Rules.IncludeAsync(request.Account, name.Length == 0 ? null : name, RuleErrors.VersionOf(request), request.Cancel))
            ? request.RedirectWithNotice(name.Length == 0 ? "No other script runs after the rules." : $"The script “{name}” runs after the rules.")
            : request.RedirectUnchanged("it is so already");
    }

    private static async Task<PageResult> ReplaceAsync(PageRequest request)
    {
        var kept = await RuleErrors.ExplainAsync(() => request.Services.Rules.ReplaceAsync(request.Account, request.Cancel));
        return request.RedirectWithNotice($"You can make rules again. The script is kept as “{kept}”.");
    }

    private static async Task<PageResult> ScriptAsync(PageRequest request) => PageResult.Render<RuleScriptView, RuleScriptModel>(
        "The rules as a script", new RuleScriptModel(await RuleErrors.ExplainAsync(() => request.Services.Rules.TextAsync(request.Account, request.Cancel))));

    private static async Task<PageResult> TryAsync(PageRequest request)
    {
        var state = await RuleErrors.ExplainAsync(() => request.Services.Rules.ReadAsync(request.Account, request.Cancel));
        var number = NumberOf(request.Query("number"));
        if (number > state.Known.Rules.Count) throw PageException.NotFound();
        var folder = FolderName.TryParse(request.Query("folder"), out var named) ? named : FolderName.Inbox;
        var run = new FolderRun(folder) { Text = ScriptOf(state, number), Days = FolderRun.Month };
        var found = await RuleErrors.ExplainAsync(() => request.Services.RuleRuns.RunAsync(request.Account, run, request.Cancel));
        return PageResult.Render<RuleTryView, RuleTryModel>(
            number is { } one ? $"Try rule {one}" : "Try the rules", new RuleTryModel(number, number is { } n ? state.Known.Rules[n - 1] : null, state.Version, folder.Value, await FoldersAsync(request), found));
    }

    private static async Task<PageResult> ApplyAsync(PageRequest request)
    {
        if (!FolderName.TryParse(request.Field("folder"), out var folder)) throw PageException.Invalid("Choose a folder.");
        var state = await RuleErrors.ExplainAsync(() => request.Services.Rules.ReadAsync(request.Account, request.Cancel));
        var number = request.Field("number") == All ? null : (int?)Required(request, "number");
        if (number > state.Known.Rules.Count) throw PageException.Invalid($"There is no rule {number}.");
        var done = await RuleErrors.ExplainAsync(() => request.Services.RuleRuns.RunAsync(request.Account, new FolderRun(folder) { Text = ScriptOf(state, number), Applies = true }, request.Cancel));
        var sum = $"{DisplayFormat.Count(done.Examined, "message")} examined: {DisplayFormat.Number(done.Moved)} moved, {DisplayFormat.Number(done.Copied)} copied, {DisplayFormat.Number(done.Marked)} marked, "
            + $"{DisplayFormat.Number(done.Deleted)} deleted{(done.Left > 0 ? $", {DisplayFormat.Number(done.Left)} left as they are" : "")}.";
        return done.Faults.Count == 0 ? request.RedirectWithNotice(sum) : request.RedirectWithFault($"{sum} {string.Join(' ', done.Faults.Select(RuleErrors.Sentence))}");
    }

    private static byte[] ScriptOf(RuleState state, int? number) =>
        RuleService.TextOf(number is { } one ? [state.Known.Rules[one - 1] with { IsEnabled = true }] : state.Known.Rules);

    private static RuleRow RowOf(MailRule rule, int number, HashSet<string> folders) => new(
        number, rule, [.. rule.Conditions.Select(RuleWords.Of)], [.. rule.Actions.Select(RuleWords.Of)],
        [.. rule.Actions.Where(a => a.Kind is RuleActionKind.Move or RuleActionKind.Copy && !folders.Contains(a.Value)).Select(static a => a.Value).Distinct(StringComparer.Ordinal)]);

    /// <summary>The folders of the account, INBOX first.</summary>
    private static async Task<IReadOnlyList<string>> FoldersAsync(PageRequest request) =>
        await request.Services.Mailboxes.AskAsync(request.Account.Id, new MailboxRequest.ListFolders(), request.Cancel) is MailboxReply.Folders folders
            ? [.. folders.All.OrderBy(static f => !f.Name.IsInbox).ThenBy(static f => f.Name.Value, StringComparer.OrdinalIgnoreCase).Select(static f => f.Name.Value)]
            : throw new PageException(503, "The mailbox cannot be opened now. Try again in a moment.");

    private static async Task CreateAsync(PageRequest request, FolderName folder)
    {
        var created = await request.Services.Mailboxes.AskAsync(request.Account.Id, new MailboxRequest.CreateFolder(folder), request.Cancel);
        if (created is MailboxReply.Refused { Reason: not MailboxRefusal.FolderExists } refused)
            throw PageException.Invalid(refused.Reason == MailboxRefusal.LimitReached ? "There are too many folders to make another one." : $"The folder “{folder}” cannot be made.", RuleForm.NewFolder);
        // Many mail programs show subscribed folders only.
        await request.Services.Mailboxes.AskAsync(request.Account.Id, new MailboxRequest.Subscribe(folder, Subscribed: true), request.Cancel);
    }

    private static int? NumberOf(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

    private static int Required(PageRequest request, string name) => NumberOf(request.Field(name)) ?? throw PageException.Invalid("There is no such rule.");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The rules of a user.</summary>
public sealed record RulesModel(RuleState State, IReadOnlyList<RuleRow> Rules, DateTimeOffset Now);

/// <summary>A rule in words.</summary>
/// <param name="Number">Its place, from 1.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Conditions">Its conditions.</param>
/// <param name="Actions">Its actions.</param>
/// <param name="MissingFolders">The folders that it names and that do not exist.</param>
public sealed record RuleRow(int Number, MailRule Rule, IReadOnlyList<string> Conditions, IReadOnlyList<string> Actions, IReadOnlyList<string> MissingFolders)
{
    /// <summary>What the buttons of the rule are about.</summary>
    public string Title => Rule.Name.Length > 0 ? $"“{Rule.Name}”" : string.Create(CultureInfo.InvariantCulture, $"rule {Number}");
}

/// <summary>What rules would do.</summary>
public sealed record RuleTryModel(int? Number, MailRule? Rule, string Version, string Folder, IReadOnlyList<string> Folders, FolderRunReport Report);

/// <summary>The script of the rules.</summary>
public sealed record RuleScriptModel(string Text);
