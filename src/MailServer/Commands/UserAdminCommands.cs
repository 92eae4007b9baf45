using System.CommandLine;
using MailServer.Common;

namespace MailServer.Commands;

/// <summary><c>user admin grant|revoke|list</c>: administrators of the web page.</summary>
internal static class UserAdminCommands
{
    private static readonly Argument<string> Address = new("ADDRESS") { Description = "The user's address." };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "admin", "Manage administrators: users who can administer the server on the web page.", Change(factory, grant: true), Change(factory, grant: false), List(factory));

    private static Command Change(CommandFactory factory, bool grant)
    {
        var (name, description) = grant
            ? ("grant", "Make a user an administrator.")
            : ("revoke", "Revoke a user's administrator role, effective at once.");
        return factory.Action(name, description, [$"user admin {name} ann@example.org"], [Address], async (context, cancel) =>
        {
            var address = CommandContext.Address(context.Get(Address));
            using var directory = context.OpenDirectory();
            var isChanged = await directory.Administration.SetAdminAsync(address, grant, cancel);
            context.WriteLine((isChanged, grant) switch
            {
                (true, true) => $"{address} is now an administrator",
                (true, false) => $"{address} is no longer an administrator",
                (false, true) => $"nothing changed: {address} is an administrator already",
                (false, false) => $"nothing changed: {address} is not an administrator",
            });
            return ExitCodes.Success;
        });
    }

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "List the administrators.", ["user admin list"], [factory.Json], async (context, cancel) =>
        {
            using var directory = context.OpenDirectory();
            var listing = new Listing("address", "enabled");
            foreach (var account in (await directory.Administration.ListAccountsAsync(null, cancel)).Where(static a => a.IsAdmin))
                listing.Add(account.Address.ToString(), account.Enabled);
            return context.Print(listing);
        });
}
