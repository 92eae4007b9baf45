using System.CommandLine;
using MailServer.Common;
using MailServer.Protocol.Sieve.Rules;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>rules list|add|change|enable|disable|remove|move|try|apply|activate|include|replace</c>: the rules that users see on their page.</summary>
internal static class RuleCommands
{
    private static readonly Argument<string> Account = new("USER") { Description = "The user's address." };
    private static readonly Argument<int> Number = new("NUMBER") { Description = "The number of the rule, as shown by 'rules list'." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "rules", "Manage a user's rules for arriving mail.",
        List(factory), Add(factory), Change(factory), Switch(factory, enable: true), Switch(factory, enable: false), Remove(factory), Move(factory),
        RuleRunCommands.Try(factory, Account), RuleRunCommands.Apply(factory, Account), Activate(factory), Include(factory), Replace(factory));

    /// <summary>Opens the rules of all accounts.</summary>
    public static IRuleStore Open(CommandContext context) =>
        AdminClient.IsRunning(context.Options.Storage.AdminSocketPath) ? new SocketRuleStore(context.Options.Storage.AdminSocketPath) : new LocalRuleStore(context);

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "List a user's rules in their order.", ["rules list ann@example.org", "rules list ann@example.org --json"], [Account, factory.Json], async (context, cancel) =>
        {
            using var store = Open(context);
            var found = await store.ReadAsync(context.Get(Account), cancel);
            if (found.Fault is { } fault) context.Shell.WriteError($"warning: the script '{MailRules.ScriptName}' was edited with another program and its rules cannot be shown: {fault}; 'rules replace' starts over");
            if (found.OtherScript is { } other) context.Shell.WriteError($"warning: the script '{other}' runs instead of the rules; see 'rules activate'");
            else if (!found.Active && found.Rules.Count > 0) context.Shell.WriteError("warning: the rules do not run; see 'rules activate'");
            var listing = context.WantsJson ? new Listing("number", "name", "enabled", "match", "conditions", "actions") : new Listing("number", "enabled", "name", "rule");
            foreach (var rule in found.Rules)
            {
                if (context.WantsJson) listing.Add(rule.Number, rule.Name, rule.Enabled, rule.Match, rule.Conditions.ToArray(), rule.Actions.ToArray());
                else listing.Add(rule.Number, rule.Enabled, rule.Name, RuleWords.Sentence(rule.Match == "any", rule.Conditions, rule.Actions));
            }

            return context.Print(listing);
        });

    private static Command Add(CommandFactory factory)
    {
        var parts = new RuleOptions();
        var position = new Option<int?>("--position") { Description = "The place of the rule, from 1. Default: the last.", HelpName = "N" };
        var disabled = new Option<bool>("--disabled") { Description = "Add it switched off." };
        return factory.Action(
            "add", "Add a rule. Without a condition it is for every message.",
            ["rules add ann@example.org --name Bills --if 'subject contains invoice' --then 'move to Bills' --then stop", "rules add ann@example.org --any --if 'from contains shop' --if 'list contains news' --then 'mark as read'"],
            [Account, .. parts.All, position, disabled], async (context, cancel) =>
            {
                using var store = Open(context);
                var rule = parts.Read(context, new RuleDocument(0, "", !context.Get(disabled), "all", [], []));
                var added = await store.AddAsync(context.Get(Account), rule, context.Get(position), cancel);
                context.WriteLine($"added rule {added.Number}");
                return ExitCodes.Success;
            });
    }

    private static Command Change(CommandFactory factory)
    {
        var parts = new RuleOptions();
        return factory.Action(
            "change", "Change the given parts of a rule. New conditions replace all earlier ones, and new actions too.",
            ["rules change ann@example.org 2 --name Invoices", "rules change ann@example.org 2 --if 'subject contains invoice' --then 'move to Invoices'"], [Account, Number, .. parts.All], async (context, cancel) =>
            {
                using var store = Open(context);
                var (account, number) = (context.Get(Account), context.Get(Number));
                var before = (await store.ReadAsync(account, cancel)).Rules.FirstOrDefault(r => r.Number == number) ?? throw new CommandFailure($"there is no rule {number}; see 'rules list'");
                return Say(context, await store.SetAsync(account, number, parts.Read(context, before), cancel), $"changed rule {number}", $"rule {number} is like that already");
            });
    }

    private static Command Switch(CommandFactory factory, bool enable)
    {
        var (verb, description) = enable ? ("enable", "Switch a rule on.") : ("disable", "Switch a rule off. It is kept.");
        return factory.Action(verb, description, [$"rules {verb} ann@example.org 2"], [Account, Number], async (context, cancel) =>
        {
            using var store = Open(context);
            var number = context.Get(Number);
            return Say(context, await store.EnableAsync(context.Get(Account), number, enable, cancel), $"{verb}d rule {number}", $"rule {number} is {verb}d already");
        });
    }

    private static Command Remove(CommandFactory factory) => factory.Action(
        "remove", "Remove a rule. Later rules move up.", ["rules remove ann@example.org 2"], [Account, Number], async (context, cancel) =>
        {
            using var store = Open(context);
            return Say(context, await store.RemoveAsync(context.Get(Account), context.Get(Number), cancel), $"removed rule {context.Get(Number)}", "");
        });

    private static Command Move(CommandFactory factory)
    {
        var position = new Argument<int>("POSITION") { Description = "Its new place, from 1." };
        return factory.Action("move", "Move a rule to another place in the order.", ["rules move ann@example.org 3 1"], [Account, Number, position], async (context, cancel) =>
        {
            using var store = Open(context);
            var (number, to) = (context.Get(Number), context.Get(position));
            return Say(context, await store.MoveAsync(context.Get(Account), number, to, cancel), $"moved rule {number} to place {to}", $"rule {number} is there already");
        });
    }

    private static Command Activate(CommandFactory factory)
    {
        var includes = new Option<bool>("--include") { Description = "Run the script that is active now after the rules." };
        var alone = new Option<bool>("--alone") { Description = "Run the rules alone." };
        return factory.Action(
            "activate", "Run the rules when mail arrives, although another script is active. That script is kept.",
            ["rules activate ann@example.org --include", "rules activate ann@example.org --alone"], [Account, includes, alone], async (context, cancel) =>
            {
                if (context.Get(includes) && context.Get(alone)) throw new CommandFailure("--include and --alone exclude each other", ExitCodes.Usage);
                using var store = Open(context);
                bool? wanted = context.Get(includes) ? true : context.Get(alone) ? false : null;
                return Say(context, await store.ActivateAsync(context.Get(Account), wanted, cancel), "the rules run when mail arrives", "the rules run already");
            });
    }

    private static Command Include(CommandFactory factory)
    {
        var name = new Argument<string>("NAME") { Description = "The name of the script, or 'none'." };
        return factory.Action(
            "include", "Run another script of the user after the rules.", ["rules include ann@example.org roundcube", "rules include ann@example.org none"], [Account, name], async (context, cancel) =>
            {
                using var store = Open(context);
                var wanted = context.Get(name) is "none" ? null : context.Get(name);
                return Say(
                    context, await store.IncludeAsync(context.Get(Account), wanted, cancel), wanted is null ? "no other script runs after the rules" : $"the script {wanted} is run after the rules", "it is so already");
            });
    }

    private static Command Replace(CommandFactory factory) => factory.Action(
        "replace", "Start over without rules if another program has edited them so that they cannot be shown. The edited script is kept under another name.",
        ["rules replace ann@example.org"], [Account], async (context, cancel) =>
        {
            using var store = Open(context);
            var done = await store.ReplaceAsync(context.Get(Account), cancel);
            context.WriteLine($"there are no rules now; the script is kept as {done.Kept}");
            return ExitCodes.Success;
        });

    private static int Say(CommandContext context, RulesChangedDocument done, string changed, string unchanged)
    {
        context.WriteLine(done.Changed ? changed : $"nothing changed: {unchanged}");
        return ExitCodes.Success;
    }
}

/// <summary>The options that describe a rule.</summary>
internal sealed class RuleOptions
{
    private readonly Option<string?> _name = new("--name") { Description = "The name of the rule.", HelpName = "NAME" };
    private readonly Option<string[]> _conditions = new("--if") { Description = $"A condition; may be repeated: {RuleWords.ConditionForms}.", HelpName = "CONDITION" };
    private readonly Option<string[]> _actions = new("--then") { Description = $"An action; may be repeated: {RuleWords.ActionForms}.", HelpName = "ACTION" };
    private readonly Option<bool> _any = new("--any") { Description = "One condition is enough. Default: all must hold." };

    public Option[] All => [_name, _conditions, _actions, _any];

    /// <summary>The rule that the options describe; what they leave out is as before.</summary>
    public RuleDocument Read(CommandContext context, RuleDocument before)
    {
        var (conditions, actions) = (context.Get(_conditions) ?? [], context.Get(_actions) ?? []);
        return before with
        {
            Name = context.Get(_name) ?? before.Name,
            Match = context.Get(_any) ? "any" : conditions.Length > 0 ? "all" : before.Match,
            Conditions = conditions.Length > 0 ? conditions : before.Conditions,
            Actions = actions.Length > 0 ? actions : before.Actions,
        };
    }
}
