using System.CommandLine;
using System.Globalization;
using MailServer.Common;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>actors tree</c>: the actors of the running server.</summary>
internal static class ActorsCommands
{
    private const int Shallow = 200;

    public static Command Create(CommandFactory factory)
    {
        var path = new Argument<string>("PATH") { Description = "The path of the actor to start at.", DefaultValueFactory = _ => "/user" };
        var max = new Option<int>("--max") { Description = "Show at most N actors.", HelpName = "N", DefaultValueFactory = _ => Shallow };
        return CommandFactory.Group("actors", "Show the internal actors of the running server.", factory.Action(
            "tree", "Show the actors and how many messages wait in the inbox of each.", ["actors tree", "actors tree /user/mailboxes --max 1000 --json"], [path, max, factory.Json], async (context, cancel) =>
            {
                using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
                var query = string.Create(CultureInfo.InvariantCulture, $"actors?path={Uri.EscapeDataString(context.Get(path))}&max={Math.Max(1, context.Get(max))}");
                var found = await server.FindAsync<ActorListDocument>(query, cancel) ?? throw new CommandFailure($"no actor '{context.Get(path)}'; try 'mailserver actors tree'");
                var listing = new Listing("path", "type", "inbox", "children");
                foreach (var a in found.Actors) listing.Add(a.Path, a.Type, a.Inbox, a.Children);
                return context.Print(listing);
            }));
    }
}
