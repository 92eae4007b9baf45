using MailServer.Actors.Mailboxes;
using MailServer.Domain;
using MailServer.Domain.Delivery;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.Scripts;

namespace MailServer.Actors.Tests.Mailboxes;

/// <summary>Deliveries that go through scripts.</summary>
public sealed class ScriptedDeliveryTests : ScriptedDeliveryBed
{
    [Fact]
    public void Without_a_script_mail_goes_to_the_inbox()
    {
        Assert.IsType<MailboxReply.Appended>(Deliver(Spooled("plain")));
        Assert.Single(Files("INBOX"));
    }

    [Fact]
    public void Copies_go_to_their_folders_with_their_flags()
    {
        Activate("""
            require ["fileinto", "mailbox", "imap4flags"];
            fileinto :create :flags ["\\Seen", "work"] "Lists/News";
            keep;
            """);
        Assert.IsType<MailboxReply.Appended>(Deliver(Spooled("two copies")));
        Assert.Single(Files("INBOX"));
        Assert.EndsWith(":2,Sa", Assert.Single(Files("Lists/News")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("require [\"fileinto\", \"copy\", \"mailbox\"]; fileinto :copy :create \"One\"; fileinto :copy :create \"Two\";")]
    [InlineData("require [\"vacation\", \"fcc\", \"mailbox\"]; vacation :fcc \"Sent\" \"away\";")]
    [InlineData("if bogus {")]
    public void A_message_that_does_not_fit_is_refused_whole_whatever_else_would_fit(string script)
    {
        // Room for a notice, a reply, and two of three copies.
        const int Size = 20_000;
        Accounts.Quota = (2 * Size) + 5_000;
        var isLarge = script.Contains("copy", StringComparison.Ordinal);
        ActivateUnchecked(script);
        var message = Spooled("large", body: new string('x', isLarge ? Size : 3 * Size));
        Assert.Equal(new MailboxReply.Refused(MailboxRefusal.OverQuota), Deliver(message));
        Assert.Empty(Folders());
        Assert.Empty(Queued);
        Accounts.Quota = null;
    }

    [Fact]
    public void A_missing_folder_and_a_name_that_cannot_be_one_are_INBOX()
    {
        Activate("require \"fileinto\"; fileinto \"Missing\";");
        Deliver(Spooled("to a missing folder"));
        Activate("require [\"fileinto\", \"mailbox\"]; fileinto :create \"a//b\";");
        Deliver(Spooled("to a bad name"));
        Assert.Equal(2, Files("INBOX").Length);
    }

    [Theory]
    [InlineData("metadata \"Archive\" \"/private/comment\" \"keep\"", true)]
    [InlineData("metadata \"Archive\" \"/private/comment\" \"drop\"", false)]
    [InlineData("metadata \"Missing\" \"/private/comment\" \"keep\"", false)]
    [InlineData("metadataexists \"Archive\" [\"/private/comment\", \"/shared/comment\"]", false)]
    [InlineData("servermetadata \"/private/vendor/acme/away\" \"yes\"", true)]
    [InlineData("servermetadataexists \"/shared/comment\"", false)]
    public void A_script_tests_the_annotations_that_clients_have_set(string test, bool holds)
    {
        Assert.IsType<MailboxReply.Done>(Ask(new MailboxRequest.SetAnnotations(FolderName.Parse("Archive"), [new Annotation("/private/comment", "keep"u8.ToArray())])));
        Assert.IsType<MailboxReply.Done>(Ask(new MailboxRequest.SetAnnotations(null, [new Annotation("/private/vendor/acme/away", "yes"u8.ToArray())])));
        Activate($"require [\"fileinto\", \"mboxmetadata\", \"servermetadata\"]; if {test} {{ fileinto \"Archive\"; }}");
        Deliver(Spooled("one"));
        Assert.Equal([holds ? "Archive" : "INBOX"], Folders());
    }

    [Theory]
    [InlineData("discard;", "")]
    [InlineData("require \"fileinto\"; fileinto \"inbox\";", "INBOX")]
    [InlineData("require [\"fileinto\", \"special-use\"]; fileinto :specialuse \"\\\\Archive\" \"Old\";", "Archive")]
    [InlineData("require \"fileinto\"; fileinto \"INBOX.Archive\";", "Archive")]
    [InlineData("stop;", "INBOX")]
    public void A_script_decides_where_one_copy_goes(string script, string folder)
    {
        Activate(script);
        Assert.True(Deliver(Spooled("one")) is MailboxReply.Appended or MailboxReply.Done);
        Assert.Equal(folder.Length == 0 ? [] : [folder], Folders());
    }

    [Theory]
    [InlineData("Entw&APw-rfe/2026", "Entwürfe/2026")]
    [InlineData("INBOX.Entw&APw-rfe.2026", "Entwürfe/2026")]
    [InlineData("Entwürfe.2026", "Entwürfe/2026")]
    [InlineData("inbox/below", "INBOX/below")]
    [InlineData("R&D", "R&D")]
    public void Names_that_other_servers_use_find_the_folders(string name, string folder)
    {
        Assert.IsType<MailboxReply.Done>(Ask(new MailboxRequest.CreateFolder(FolderName.Parse(folder))));
        Activate($"require [\"fileinto\", \"mailbox\"]; fileinto :create \"{name}\";");
        Deliver(Spooled("found"));
        Assert.Equal([folder], Folders());
    }

    [Fact]
    public void A_folder_below_INBOX_is_created_and_INBOX_stays_what_it_is()
    {
        Deliver(Spooled("before"));
        Activate("require [\"fileinto\", \"mailbox\"]; fileinto :create \"Inbox/fresh\";");
        Deliver(Spooled("after"));
        Assert.Equal(["INBOX", "INBOX/fresh"], Folders());
    }

    [Fact]
    public void A_folder_is_found_by_its_identifier_whatever_it_is_called()
    {
        Ask(new MailboxRequest.CreateFolder(FolderName.Parse("Before")));
        var status = Assert.IsType<MailboxReply.Status>(Ask(new MailboxRequest.GetStatus(FolderName.Parse("Before")))).Folder;
        Ask(new MailboxRequest.RenameFolder(FolderName.Parse("Before"), FolderName.Parse("After")));
        Activate($"require [\"fileinto\", \"mailboxid\"]; fileinto :mailboxid \"{Protocol.Imap.Writing.ObjectIds.Of(status.Id, status.UidValidity)}\" \"Before\";");
        Deliver(Spooled("found"));
        Assert.Equal(["After"], Folders());
    }

    [Fact]
    public void A_changed_header_is_stored_and_the_copy_before_it_is_not_changed()
    {
        Activate("""
            require ["fileinto", "editheader", "copy"];
            fileinto :copy "Archive";
            addheader "X-Seen" "by the script";
            keep;
            """);
        Deliver(Spooled("changed"));
        Assert.DoesNotContain("X-Seen", File.ReadAllText(Assert.Single(Files("Archive"))), StringComparison.Ordinal);
        Assert.Contains("X-Seen: by the script\r\n", File.ReadAllText(Assert.Single(Files("INBOX"))), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Root["spool"], "*~*"));
    }

    [Fact]
    public void A_changed_body_is_stored_and_redirected_and_the_copy_before_it_is_not_changed()
    {
        Activate("""
            require ["fileinto", "replace", "enclose", "copy"];
            fileinto :copy "Archive";
            replace "The new text.";
            enclose :subject "Enclosed" "The outer text.";
            redirect :copy "far@example.net";
            keep;
            """);
        Deliver(Spooled("original"));
        Assert.DoesNotContain("The new text.", File.ReadAllText(Assert.Single(Files("Archive"))), StringComparison.Ordinal);
        var kept = File.ReadAllText(Assert.Single(Files("INBOX")));
        Assert.Contains("Subject: Enclosed\r\n", kept, StringComparison.Ordinal);
        foreach (var part in new[] { "The outer text.", "The new text.", "Subject: original\r\n" }) Assert.Contains(part, kept, StringComparison.Ordinal);
        var sent = Assert.Single(Contents.Values);
        Assert.Contains("The new text.", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("The outer text.", sent, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Root["spool"], "*~*"));
    }

    [Theory]
    [InlineData("script: decided")]
    [InlineData("script: prepared")]
    [InlineData("script: stored")]
    public void A_script_that_changes_while_it_runs_counts_for_the_next_message_alone(string step)
    {
        Activate("require [\"fileinto\", \"copy\"]; redirect :copy \"far@example.net\"; fileinto \"Archive\";");
        AtPoint = point =>
        {
            if (point == step) File.WriteAllText(Path.Combine(Root["maildir"], "user_1", ScriptFolder.DirectoryName, "main.sieve"), "require \"fileinto\"; fileinto \"Trash\";");
        };
        Deliver(Spooled("first"));
        Deliver(Spooled("second"));
        Assert.Single(Files("Archive"));
        Assert.Single(Files("Trash"));
        Assert.Single(Queued);
    }

    [Fact]
    public void A_script_with_an_error_keeps_the_mail_and_the_account_is_told_once_a_day()
    {
        Activate("keep;");
        File.WriteAllText(Path.Combine(Root["maildir"], "user_1", ScriptFolder.DirectoryName, "main.sieve"), "require \"fileinto\";\nfileinto;\n");
        for (var i = 0; i < 3; i++) Deliver(Spooled($"kept {i}"));
        var texts = Files("INBOX").Select(File.ReadAllText).ToArray();
        Assert.Equal(4, texts.Length);
        var notice = Assert.Single(texts, static t => t.Contains("A rule for your mail does not work", StringComparison.Ordinal));
        Assert.Contains("line 2", notice, StringComparison.Ordinal);
        Assert.Contains("Auto-Submitted: auto-generated", notice, StringComparison.Ordinal);
    }

    [Fact]
    public void An_active_script_that_is_gone_keeps_the_mail()
    {
        Activate("discard;");
        File.Delete(Path.Combine(Root["maildir"], "user_1", ScriptFolder.DirectoryName, "main.sieve"));
        Deliver(Spooled("kept"));
        Assert.Equal(2, Files("INBOX").Length);
    }

    [Fact]
    public void A_runtime_error_cancels_what_the_script_did()
    {
        Activate("require [\"fileinto\", \"include\"]; fileinto \"Archive\"; include \"missing\";");
        Deliver(Spooled("kept"));
        Assert.Equal(["INBOX"], Folders());
    }

    [Fact]
    public void Includes_are_found_among_the_own_scripts_alone()
    {
        Put("rules", "require \"fileinto\"; fileinto \"Archive\";");
        Activate("require \"include\"; include \"rules\";");
        Deliver(Spooled("filed by an include"));
        Assert.Equal(["Archive"], Folders());
        foreach (var outside in new[] { "../../user_2/.sieve/main", "/etc/passwd", "..", "../.sieve/rules" })
        {
            Activate($"require \"include\"; include \"{outside}\"; discard;");
            Deliver(Spooled("outside"));
        }

        Assert.Equal(5, Files("INBOX").Length);
    }

    [Fact]
    public void A_script_that_is_replaced_counts_for_the_next_message()
    {
        Activate("require \"fileinto\"; fileinto \"Archive\";");
        Deliver(Spooled("first"));
        Put("main", "require \"fileinto\"; fileinto \"Trash\";");
        Deliver(Spooled("second"));
        Assert.Single(Files("Archive"));
        Assert.Single(Files("Trash"));
    }

    [Fact]
    public void An_activation_that_fails_changes_nothing()
    {
        Activate("require \"fileinto\"; fileinto \"Archive\";");
        Assert.IsType<MailboxReply.Refused>(Ask(new MailboxRequest.ActivateScript("missing")));
        Deliver(Spooled("one"));
        Put("other", "require \"fileinto\"; fileinto \"Trash\";");
        Assert.IsType<MailboxReply.Done>(Ask(new MailboxRequest.ActivateScript("other")));
        Deliver(Spooled("two"));
        Assert.Equal(["Archive", "Trash"], Folders());
    }

    [Fact]
    public void The_administrators_scripts_run_before_and_after()
    {
        Server.Set("require \"fileinto\"; if header :contains \"subject\" \"first\" { fileinto \"Junk\"; }"u8.ToArray(), "require \"fileinto\"; fileinto \"Archive\";"u8.ToArray());
        Deliver(Spooled("no script of the account"));
        Activate("require \"fileinto\"; if header :contains \"subject\" \"trash\" { fileinto \"Trash\"; }");
        Deliver(Spooled("first and trash"));
        Deliver(Spooled("trash alone"));
        Assert.Equal(["Archive", "Junk", "Trash"], Folders());
        Assert.All(["Archive", "Junk", "Trash"], f => Assert.Single(Files(f)));
    }

    [Fact]
    public void Each_copy_of_a_message_that_was_seen_is_recognised_also_in_a_burst()
    {
        Activate("require [\"duplicate\", \"fileinto\"]; if duplicate :uniqueid \"same\" { fileinto \"Trash\"; }");
        foreach (var message in Enumerable.Range(0, 10).Select(i => Spooled($"burst {i}")).ToArray()) Send(message);
        ReceiveN(10);
        Assert.Single(Files("INBOX"));
        Assert.Equal(9, Files("Trash").Length);
    }

    [Fact]
    public void A_redirected_message_is_queued_once_and_names_who_redirected_it()
    {
        Activate("redirect \"far@example.net\";");
        var message = Spooled("sent on");
        Assert.IsType<MailboxReply.Done>(Deliver(message));
        Assert.Empty(Folders());
        var item = Assert.Single(Queued).Value;
        Assert.Equal("far@example.net", Assert.Single(item.Recipients).Address.ToString());
        Assert.Equal("someone@far.example", item.Sender?.ToString());
        Assert.StartsWith("Return-Path: <someone@far.example>\r\nX-Sieve-Redirected-From: ann@example.org\r\nFrom:", Contents[item.Message], StringComparison.Ordinal);
        // The queue has the message as it was announced.
        Assert.Equal(item.Size + item.PrefixLength, Contents[item.Message].Length);
        Assert.IsType<MailboxReply.Done>(Deliver(message));
        Assert.Single(Queued);
    }

    [Fact]
    public void A_redirected_message_is_queued_with_the_notifications_and_the_time_limit_that_the_script_asks_for()
    {
        Activate("require [\"redirect-dsn\", \"redirect-deliverby\"]; redirect :notify \"NEVER\" :ret \"HDRS\" :bytimerelative 600 :bymode \"RETURN\" \"far@example.net\";");
        Assert.IsType<MailboxReply.Done>(Deliver(Spooled("sent on")));
        var item = Assert.Single(Queued).Value;
        Assert.Equal((DsnReturn.Headers, DsnNotify.Never, true, false), (item.Return, Assert.Single(item.Recipients).Notify, item.DeliverBy!.Return, item.DeliverBy.Trace));
    }

    [Fact]
    public void A_message_that_was_redirected_from_here_before_is_kept()
    {
        Activate("redirect \"far@example.net\";");
        Deliver(Spooled("again", "X-Sieve-Redirected-From: ANN@example.org\r\n"));
        Assert.Empty(Queued);
        Assert.Equal(["INBOX"], Folders());
    }

    [Fact]
    public void A_redirect_to_an_own_address_keeps()
    {
        Activate("redirect \"ann+tag@example.org\";");
        Deliver(Spooled("to myself"));
        Assert.Empty(Queued);
        Assert.Equal(["INBOX"], Folders());
    }

    [Fact]
    public void More_redirects_than_an_hour_may_have_are_kept_and_the_account_is_told()
    {
        Activate("redirect \"far@example.net\";");
        for (var i = 0; i < 8; i++) Deliver(Spooled($"bomb {i}"));
        Assert.Equal(5, Queued.Count);
        var kept = Files("INBOX").Select(File.ReadAllText).ToArray();
        Assert.Equal(4, kept.Length);
        Assert.Single(kept, static t => t.Contains("Your rules send too much mail", StringComparison.Ordinal));
    }

    [Fact]
    public void An_automatic_reply_is_sent_once_to_each_sender_with_the_fields_of_one()
    {
        Activate("require \"vacation\"; vacation :subject \"Fort\" \"Grüße\";");
        for (var i = 0; i < 3; i++) Deliver(Spooled($"question {i}"));
        Assert.Equal(3, Files("INBOX").Length);
        var item = Assert.Single(Queued).Value;
        Assert.Null(item.Sender);
        var reply = Contents[item.Message];
        foreach (var line in new[] { "Auto-Submitted: auto-replied (vacation)", "To: someone@far.example", "From: ann@example.org", "Subject: Fort", "In-Reply-To: <question 0@far.example>", "Grüße" })
            Assert.Contains(line + "\r\n", reply, StringComparison.Ordinal);
        Deliver(Spooled("another sender", sender: "else@far.example"));
        Assert.Equal(2, Queued.Count);
    }

    [Theory]
    [InlineData("Ann <ann+away@example.org>", "Ann <ann+away@example.org>")]
    [InlineData("boss@example.org", "ann@example.org")]
    [InlineData("far@example.net", "ann@example.org")]
    [InlineData("ann@example.org, far@example.net", "ann@example.org")]
    [InlineData("no address", "ann@example.org")]
    public void The_sender_of_a_reply_is_an_address_of_the_account(string asked, string from)
    {
        Activate($"require \"vacation\"; vacation :from \"{asked}\" \"Away\";");
        Deliver(Spooled("question"));
        Assert.Contains($"From: {from}\r\n", Contents.Values.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_copy_of_the_reply_is_stored()
    {
        Activate("require [\"vacation\", \"fcc\", \"special-use\"]; vacation :fcc \"Sent\" :specialuse \"\\\\Sent\" \"Away\";");
        Deliver(Spooled("question"));
        Assert.Contains("Auto-Submitted: auto-replied", File.ReadAllText(Assert.Single(Files("Sent"))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_stores_nothing_and_an_older_node_which_does_not_know_it_gets_the_message_stored()
    {
        Activate("require \"reject\"; reject \"no, thank you\";");
        Assert.Equal(new MailboxReply.Rejected("no, thank you"), Deliver(Spooled("refused")));
        Assert.Empty(Folders());
        Region.Tell(new MailboxProtocol.Deliver(Ann, FolderName.Inbox, Spooled("from an older node")), TestActor);
        Assert.IsType<MailboxReply.Appended>(ExpectMsg<MailboxProtocol.Delivered>().Result);
        Assert.Single(Files("INBOX"));
    }

    [Fact]
    public void A_directory_that_does_not_answer_postpones_the_delivery_and_nothing_is_done()
    {
        Activate("require [\"vacation\", \"copy\"]; redirect :copy \"far@example.net\"; vacation \"Away\";");
        Assert.IsType<MailboxReply.Scripts>(Ask(new MailboxRequest.ListScripts()));
        Accounts.IsDown = true;
        var message = Spooled("postponed");
        Assert.IsType<MailboxReply.Refused>(Deliver(message));
        Assert.Empty(Folders());
        Assert.Empty(Queued);
        Assert.Equal([message.Id.Value], SpoolFiles());
        Accounts.IsDown = false;
        Assert.IsType<MailboxReply.Done>(Deliver(message));
        Assert.Single(Files("INBOX"));
        Assert.Equal(2, Queued.Count);
    }

    [Fact]
    public void What_the_queue_does_not_take_is_durable_with_its_envelope_and_the_sender_is_answered()
    {
        Activate("redirect \"far@example.net\";");
        IsQueueUsable = false;
        Assert.IsType<MailboxReply.Done>(Deliver(Spooled("queued later")));
        Assert.Single(Directory.GetFiles(Root["spool"], "*.envelope"));
        IsQueueUsable = true;
        AwaitAssert(() => Assert.Single(Queued), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Scripts_create_a_bounded_number_of_folders()
    {
        Activate("require [\"fileinto\", \"mailbox\", \"variables\"]; if header :matches \"subject\" \"*\" { fileinto :create \"made ${1}\"; }");
        for (var i = 0; i < 40; i++) Deliver(Spooled($"{i}"));
        Assert.Equal(Limits.Default.ScriptFoldersPerHour, Folders().Count(static f => f.StartsWith("made ", StringComparison.Ordinal)));
        Assert.Equal(40 - Limits.Default.ScriptFoldersPerHour, Files("INBOX").Length);
    }

    [Theory]
    [InlineData("script: decided")]
    [InlineData("script: prepared")]
    [InlineData("script: stored")]
    [InlineData("script: sent")]
    [InlineData("script: marked")]
    public void A_crash_at_any_step_loses_nothing_and_does_nothing_twice(string step)
    {
        Activate("""
            require ["vacation", "copy", "fileinto", "editheader", "duplicate", "replace", "enclose"];
            if duplicate { fileinto "Trash"; stop; }
            fileinto "Archive";
            redirect :copy "far@example.net";
            vacation "Away";
            addheader "X-Seen" "yes";
            replace "replaced";
            enclose "enclosed";
            keep;
            """);
        var message = Spooled("crash");
        CrashAt = step;
        Assert.IsType<MailboxReply.Refused>(Deliver(message));
        Assert.Null(CrashAt);
        // The queue or the sender repeats the delivery.
        AwaitAssert(() => Assert.True(Deliver(message) is MailboxReply.Done or MailboxReply.Appended), TimeSpan.FromSeconds(10));
        Assert.Single(Files("INBOX"));
        Assert.Single(Files("Archive"));
        Assert.Equal(["Archive", "INBOX"], Folders());
        Assert.Equal(["far@example.net", "someone@far.example"], Queued.Values.Select(static i => i.Recipients[0].Address.ToString()).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetFiles(Root["spool"], "*~*"));
    }

    [Fact]
    public void Trying_a_script_tells_what_it_would_do_and_does_nothing()
    {
        Put("trial", "require [\"fileinto\", \"mailbox\"]; if header :contains \"subject\" \"news\" { fileinto :create \"News\"; } redirect \"far@example.net\";");
        var tested = Assert.IsType<MailboxReply.ScriptTested>(Ask(new MailboxRequest.TestScript("trial", "Subject: news\r\n\r\nx\r\n"u8.ToArray(), "a@b.example", "ann@example.org")));
        Assert.Contains("trial:1: header: true", tested.Trace);
        Assert.Equal(["store it in 'News', which is created if it is missing", "redirect it to far@example.net"], tested.Actions);
        Assert.Empty(Folders());
        Assert.Empty(Queued);
    }
}
