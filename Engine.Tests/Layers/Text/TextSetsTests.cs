using System.IO.Compression;
using System.Text;
using Engine.Core;
using Engine.Layers;

namespace Engine.Tests;

public class TextSetsTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TemporaryFolder();

    [TearDown]
    public void Drop() => folder.Dispose();

    private static (string Name, byte[] Bytes) File(string name, string text) => (name, Encoding.Latin1.GetBytes(text));

    private static int[] Classes(LabelledTexts texts) => [.. Enumerable.Range(0, texts.Count).Select(i => texts.Get(i, new Rng(0)).Class)];

    [Test]
    public void Imdb_LeavesOutWhatHasNoLabel()
    {
        var files = new[] { File("aclImdb/README", "about"), File("aclImdb/test/neg/0_2.txt", "bad"), File("aclImdb/train/unsup/1_0.txt", "who knows"),
            File("aclImdb/train/pos/0_9.txt", "good"), File("aclImdb/train/neg/0_3.txt", "poor"), File("aclImdb/train/urls_neg.txt", "none"), File("aclImdb/test/pos/0_10.txt", "best") };
        folder.Write("aclImdb_v1.tar.gz", IdxFileTests.Zip(TextFilesTests.Tar(files)));
        Check(ImdbReviews.ReadFolder(folder.Path));
        System.IO.File.Delete(folder.File("aclImdb_v1.tar.gz"));
        foreach (var (name, bytes) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
            folder.Write(name, bytes);
        }
        Assert.That(new DataFolders { Named = folder.Path, Given = null }.Find(DatasetCatalog.Imdb), Is.EqualTo(folder.Path));
        Check(ImdbReviews.ReadFolder(folder.Path));
        Check(ImdbReviews.ReadFolder(folder.File("aclImdb")));

        static void Check((LabelledTexts Train, LabelledTexts Test) read)
        {
            Assert.That(read.Train.Texts.Zip(Classes(read.Train)), Is.EquivalentTo(new[] { ("good", 1), ("poor", 0) }));
            Assert.That(read.Test.Texts.Zip(Classes(read.Test)), Is.EquivalentTo(new[] { ("bad", 0), ("best", 1) }));
        }
    }

    [Test]
    public void Newsgroups_HaveNoHeaders_AndGroupsForClasses()
    {
        folder.Write("20news-bydate.tar.gz", IdxFileTests.Zip(TextFilesTests.Tar(File("20news-bydate-train/rec.autos/1", "From: me\nSubject: x\n\nA car\n\nand é.\n"),
            File("20news-bydate-train/alt.atheism/2", "From: me\r\n\r\nNo."), File("20news-bydate-test/rec.autos/3", "only a header"))));
        var (train, test) = NewsgroupPosts.ReadFolder(folder.Path);
        Assert.That(train.Texts, Is.EqualTo(new[] { "A car\n\nand é.\n", "No." }));
        Assert.That((train.ClassNames, Classes(train)), Is.EqualTo((new[] { "alt.atheism", "rec.autos" }, new[] { 1, 0 })));
        Assert.That((test.Texts.Single(), Classes(test)[0]), Is.EqualTo(("", 1)));
    }

    [Test]
    public void AnArchiveWithoutAPart_IsRefused_AndAFolderWithNone()
    {
        string archive = folder.Write("aclImdb_v1.tar.gz", IdxFileTests.Zip(TextFilesTests.Tar(File("aclImdb/train/pos/0_9.txt", "good"))));
        Assert.That(() => ImdbReviews.ReadFolder(folder.Path), Throws.TypeOf<DataFormatException>().With.Message.Contains("test").And.Message.Contains(archive));
        Assert.That(() => NewsgroupPosts.ReadFolder(folder.Path), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("20news-bydate.tar.gz"));
        Assert.That(() => TrecQuestions.ReadFolder(folder.Path), Throws.TypeOf<FileNotFoundException>().With.Message.Contains("TREC_10.label"));
        Assert.That(() => MovieReviewSentences.ReadFolder(folder.Path), Throws.TypeOf<FileNotFoundException>());
        Assert.That(() => SentencePairs.ReadFolder(folder.Path), Throws.TypeOf<FileNotFoundException>());
    }

    [Test]
    public void Trec_IsRead_InEitherForm()
    {
        folder.Write("train_5500.label", Encoding.Latin1.GetBytes("DESC:manner How é ?\nABBR:exp What is .com ?\n"));
        folder.Write("TREC_10.label", "NUM:dist How far ?\n"u8.ToArray());
        var (train, test) = TrecQuestions.ReadFolder(folder.Path);
        Assert.That((train.Texts, Classes(train), Classes(test)), Is.EqualTo((new[] { "How é ?", "What is .com ?" }, new[] { 1, 0 }, new[] { 5 })));
        System.IO.File.Delete(folder.File("TREC_10.label"));
        folder.Write("TREC.train.all", "0 How ?\n1 What film ?\n2 What is .com ?\n3 Who ?\n4 Where ?\n5 When ?\n"u8.ToArray());
        folder.Write("TREC.test.all", "5 How far ?\n"u8.ToArray());
        (train, test) = TrecQuestions.ReadFolder(folder.Path);
        Assert.That((Classes(train), train.ClassNames[3]), Is.EqualTo((new[] { 1, 2, 0, 3, 4, 5 }, "HUM")));
        foreach (string bad in new[] { "6 What ?", "WHAT:x y", "NUM:dist" })
        {
            string path = folder.Write("TREC.test.all", Encoding.ASCII.GetBytes($"5 How far ?\n{bad}\n"));
            var error = Assert.Throws<DataFormatException>(() => TrecQuestions.ReadFolder(folder.Path), bad)!;
            Assert.That((error.File, error.Line), Is.EqualTo((path, (long?)2)));
        }
    }

    [Test]
    public void MovieReviews_AreLatin1_PackedOrNot()
    {
        byte[] bad = Encoding.Latin1.GetBytes("a clich\u00E9 . \n\ntoo long . \n"), good = "fine . \n"u8.ToArray();
        Directory.CreateDirectory(folder.File("packed"));
        folder.Write("packed/rt-polaritydata.tar.gz", IdxFileTests.Zip(TextFilesTests.Tar(("rt-polaritydata/rt-polarity.neg", bad), ("rt-polaritydata/rt-polarity.pos", good))));
        folder.Write("rt-polarity.neg", bad);
        folder.Write("rt-polarity.pos", good);
        foreach (var read in new[] { MovieReviewSentences.ReadFolder(folder.File("packed")), MovieReviewSentences.ReadFolder(folder.Path) })
            Assert.That((read.Texts, Classes(read)), Is.EqualTo((new[] { "a cliché .", "too long .", "fine ." }, new[] { 0, 0, 1 })));
    }

    [Test]
    public void SentencePairs_AreRead_PackedOrNot()
    {
        byte[] text = "Go.\tVa !\tCC-BY, some\n\"Hi.\"\t\"Salut.\"\n"u8.ToArray();
        SentencePair[] expected = [new("Go.", "Va !", "CC-BY, some"), new("\"Hi.\"", "\"Salut.\"", "")];
        using (var zip = ZipFile.Open(folder.File("fra-eng.zip"), ZipArchiveMode.Create))
        using (var entry = zip.CreateEntry("fra.txt").Open()) entry.Write(text);
        Assert.That(SentencePairs.ReadFolder(folder.Path), Is.EqualTo(expected));
        folder.Write("fra-eng.zip", [1, 2, 3]);
        Assert.That(() => SentencePairs.ReadFolder(folder.Path), Throws.TypeOf<DataFormatException>());
        folder.Write("eng-fra.txt", text);
        Assert.That(SentencePairs.ReadFolder(folder.Path), Is.EqualTo(expected));
        foreach (string bad in new[] { "Go.", "Go.\t", "\tVa !" })
            Assert.That(() => SentencePairs.Read(folder.Write("bad.txt", Encoding.UTF8.GetBytes($"Go.\tVa !\n{bad}\n"))),
                Throws.TypeOf<DataFormatException>().With.Property("Line").EqualTo(2L), bad);
    }

    [Test]
    public void TheRealOnes_HaveTheCountsThatTheirPublishersGive()
    {
        if (Environment.GetEnvironmentVariable("ENGINE_DATA") is not { Length: > 0 } root) Assert.Ignore("ENGINE_DATA: names no folder.");
        else
        {
            var folders = new DataFolders { Given = root, Cache = Path.Combine(root, "none"), System = Path.Combine(root, "none") };
            var counts = new List<string>();
            if (folders.Find(DatasetCatalog.Newsgroups20) is { } groups)
            {
                var (train, test) = NewsgroupPosts.ReadFolder(groups);
                Assert.That((train.Count, test.Count, train.ClassNames.Count), Is.EqualTo((11_314, 7_532, 20)));
                counts.Add($"20newsgroups, {train.FirstClasses(10).Count} and {test.FirstClasses(10).Count} of the first ten groups");
            }
            if (folders.Find(DatasetCatalog.Trec) is { } trec)
            {
                var (train, test) = TrecQuestions.ReadFolder(trec);
                Assert.That((train.Count, test.Count), Is.EqualTo((5_452, 500)));
                counts.Add("trec");
            }
            if (folders.Find(DatasetCatalog.RtPolarity) is { } mr)
            {
                var sentences = MovieReviewSentences.ReadFolder(mr);
                Assert.That((sentences.Count, Classes(sentences).Sum()), Is.EqualTo((10_662, 5_331)));
                counts.Add("rt-polarity");
            }
            if (folders.Find(DatasetCatalog.EngFra) is { } pairs) counts.Add($"{SentencePairs.ReadFolder(pairs).Length} pairs of eng-fra");
            if (counts.Count == 0) Assert.Ignore("ENGINE_DATA: has none of them.");
            TestContext.Out.WriteLine(string.Join("; ", counts));
        }
    }
}
