using System.CommandLine;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Web.Autoconfig;

namespace MailServer.Commands;

/// <summary><c>user invitation add|list|remove</c>: links with which users choose their password.</summary>
internal static class InvitationCommands
{
    private static readonly Argument<string> Address = new("ADDRESS") { Description = "The user's address." };

    /// <summary>The option for how long a link is valid.</summary>
    public static Option<string> Lifetime { get; } = new("--expires") { Description = "How long the link is valid, such as 12h or 7d. Default: 7d.", HelpName = "DURATION" };

    public static Command Create(CommandFactory factory) => CommandFactory.Group(
        "invitation", "Manage invitations: links with which users choose their password, once.", Add(factory), List(factory), Remove(factory));

    /// <summary>Makes an invitation, and its link.</summary>
    public static (string Link, NewInvitation Invitation) New(CommandContext context)
    {
        var secret = InvitationSecret.New();
        return (LinkOf(context, secret), new NewInvitation(InvitationSecret.DigestOf(secret)!, context.Shell.Time.GetUtcNow() + LifetimeOf(context)));
    }

    /// <summary>The link with a secret. Throws if this server has no HTTPS port.</summary>
    public static string LinkOf(CommandContext context, string secret)
    {
        var server = context.Options.Server;
        return server.WebPort != 0
            ? ClientSettings.RootOf(server.Hostname, server.WebPort) + InvitationSecret.PathAndName + secret
            : throw new CommandFailure("a link needs HTTPS: set server.https_port or server.dav_port");
    }

    public static TimeSpan LifetimeOf(CommandContext context)
    {
        if (context.Get(Lifetime) is not { } text) return Invitation.DefaultLifetime;
        return ConfigurationValues.Duration.TryRead(text, out var lifetime) && lifetime > TimeSpan.Zero && lifetime <= Invitation.LongestLifetime
            ? lifetime
            : throw new CommandFailure($"--expires takes {ConfigurationValues.Duration.Allowed}, at most {Invitation.LongestLifetime.TotalDays:0}d", ExitCodes.Usage);
    }

    public static int Print(CommandContext context, EmailAddress address, string link, NewInvitation invitation)
    {
        var listing = new Listing("address", "link", "expires");
        listing.Add(address.ToString(), link, invitation.ExpiresAt);
        return context.Print(listing);
    }

    private static Command Add(CommandFactory factory) => factory.Action(
        "add", "Make a link with which a user chooses a new password, and print it. It replaces an earlier link; the present password works until it is used.",
        ["user invitation add ann@example.org", "user invitation add ann@example.org --expires 1d"], [Address, Lifetime, factory.Json], static async (context, cancel) =>
        {
            var address = CommandContext.Address(context.Get(Address));
            var (link, invitation) = New(context);
            using var directory = context.OpenDirectory();
            await directory.Administration.AddInvitationAsync(address, invitation, cancel);
            return Print(context, address, link, invitation);
        });

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "List invitations and whether they were used.", ["user invitation list"], [factory.Json], static async (context, cancel) =>
        {
            using var directory = context.OpenDirectory();
            var listing = new Listing("address", "state", "created", "expires", "used");
            foreach (var each in await directory.Administration.ListInvitationsAsync(cancel))
                listing.Add(each.Address.ToString(), each.StateAt(context.Shell.Time.GetUtcNow()), each.CreatedAt, each.ExpiresAt, each.UsedAt is { } used ? used : "never");
            return context.Print(listing);
        });

    private static Command Remove(CommandFactory factory) => factory.Action(
        "remove", "Remove an invitation. Its link no longer works.", ["user invitation remove ann@example.org"], [Address], static async (context, cancel) =>
        {
            var address = CommandContext.Address(context.Get(Address));
            using var directory = context.OpenDirectory();
            await directory.Administration.RemoveInvitationAsync(address, cancel);
            context.WriteLine($"removed the invitation of {address}");
            return ExitCodes.Success;
        });
}
