using System.CommandLine;
using Engine.Core;
using Engine.Examples;
using Engine.Kernels;
using Engine.Layers;
using SkiaSharp;

namespace Engine.Tests.Examples;

/// <summary>What commands refuse, and what all of them leave in their folders.</summary>
public class CommandTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => folder.Dispose();

    [TestCase("charrnn", "--learning-rate -1", "--learning-rate must be over 0")]
    [TestCase("lstm", "--learning-rate 0", "--learning-rate must be over 0")]
    [TestCase("bilstm", "--learning-rate NaN", "--learning-rate must be over 0")]
    [TestCase("charrnn", "--temperature -0.5", "--temperature must be 0 or more")]
    [TestCase("word2vec", "--subsample -1", "--subsample must be 0 or more")]
    [TestCase("textcnn", "--static", "--vectors")]
    [TestCase("textcnn", "--static --vectors some.bin", null)]
    [TestCase("charrnn", "--temperature 0", null)]
    [TestCase("gpt", "--dropout -0.1", "--dropout must be 0 or more")]
    [TestCase("gpt", "--top-k 0", "--top-k must be 1 or more")]
    [TestCase("gpt", "--top-p 0", "--top-p must be over 0")]
    [TestCase("gpt", "--temperature 0 --repetition-penalty 1.2 --stop END", null)]
    public void Options_ThatMakeNoSense_AreRefused(string command, string options, string? error)
    {
        var root = new RootCommand { CharRnnExample.Command(), GptExample.Command(), LstmExample.Command(), BilstmExample.Command(), Word2VecExample.Command(), TextCnnExample.Command() };
        string[] errors = [.. root.Parse([command, .. options.Split(' ')]).Errors.Select(e => e.Message)];
        Assert.That(errors, error is null ? Is.Empty : Has.One.Contains(error));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Translate_WritesItsLineOfJson_AndPictures(bool fits)
    {
        folder.Write("pairs.txt", System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 40).Select(i => $"It's number {i}.\tC'est le numéro {i}.\n"))));
        string[] args = ["--data", folder.File("pairs.txt"), "--width", "8", "--heads", fits ? "2" : "3", "--layers", "1", "--epochs", "1", "--batch", "8", "--threads", "1", "--json", "--out", folder.File("run")];
        var before = Console.Out;
        using var written = new StringWriter();
        Console.SetOut(written);
        try
        {
            Task<int> Run() => TranslateExample.Command().Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
            if (!fits)
            {
                Assert.That(Run, Throws.TypeOf<UserException>().With.Message.Contains("--heads 3 must divide --width 8"));
                return;
            }
            Assert.That(await Run(), Is.Zero);
        }
        finally
        {
            Console.SetOut(before);
        }
        var json = System.Text.Json.Nodes.JsonNode.Parse(written.ToString().TrimEnd().Split('\n')[^1])!;
        Assert.That((double)json["test_accuracy"]!, Is.InRange(0, 1));
        Assert.That((string?)json["data"], Is.EqualTo("pairs.txt"));
        Assert.That(File.Exists(folder.File("run/attention.png")) && File.Exists(folder.File("run/curves.png")));
    }

    [Test]
    public async Task CharRnn_OfATextWithoutLineEnds_WritesItsCurves()
    {
        Assert.That(await CharRnn(string.Concat(Enumerable.Repeat("no line ends. ", 30))), Is.Zero);
        using var picture = SKBitmap.Decode(folder.File("run/curves.png"));
        Assert.That((picture.Width, picture.Height), Is.EqualTo((CurvesPicture.Width, CurvesPicture.Height)));
        Assert.That(picture.Pixels.Distinct().Count(), Is.GreaterThan(20));
    }

    [Test]
    public void CharRnn_OfATextTooShort_SaysHowLongItMustBe()
        => Assert.That(() => CharRnn("too short a text"), Throws.TypeOf<UserException>().With.Message.Contains("90 characters").And.Message.Contains("--steps"));

    [Test]
    public async Task CharRnn_OfATextJustLongEnough_Runs() => Assert.That(await CharRnn(new string('a', 45) + new string('b', 45)), Is.Zero);

    private Task<int> CharRnn(string text)
    {
        folder.Write("text.txt", System.Text.Encoding.UTF8.GetBytes(text));
        string[] args = ["--data", folder.File("text.txt"), "--batch", "2", "--steps", "4", "--hidden", "8", "--epochs", "1", "--length", "5", "--threads", "1", "--out", folder.File("run")];
        return CharRnnExample.Command().Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    [Test]
    public async Task Gpt_WritesItsCurves()
    {
        Assert.That(await Gpt(string.Concat(Enumerable.Repeat("no line ends. ", 20))), Is.Zero);
        using var picture = SKBitmap.Decode(folder.File("run/curves.png"));
        Assert.That(picture.Pixels.Distinct().Count(), Is.GreaterThan(20));
    }

    [TestCase("--heads 3", "3 heads do not divide a width of 8")]
    [TestCase("--dropout 1", "A probability to drop")]
    [TestCase("--top-p 1.5", "1 at most")]
    [TestCase("--prompt X", "no 'X'")]
    [TestCase("--batch 9", "--block")]
    public void Gpt_AskedForWhatCannotBe_SaysSo(string options, string error)
        => Assert.That(() => Gpt(string.Concat(Enumerable.Repeat("no line ends. ", 20)), options), Throws.TypeOf<UserException>().With.Message.Contains(error));

    private Task<int> Gpt(string text, string options = "")
    {
        folder.Write("text.txt", System.Text.Encoding.UTF8.GetBytes(text));
        string[] given = options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var usual = new Dictionary<string, string>
        {
            ["--data"] = folder.File("text.txt"),
            ["--batch"] = "2",
            ["--block"] = "4",
            ["--width"] = "8",
            ["--heads"] = "2",
            ["--layers"] = "1",
            ["--epochs"] = "1",
            ["--length"] = "9",
            ["--threads"] = "1",
            ["--out"] = folder.File("run"),
        };
        string[] args = [.. given, .. usual.Where(option => !given.Contains(option.Key)).SelectMany(option => new[] { option.Key, option.Value }), "--json"];
        return GptExample.Command().Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Word2Vec_OfTextsOfOneWord_SaysSo(bool around)
    {
        var corpus = WordCorpus.Of(["one", "two"], WordSplit.Whitespace, 1, 100);
        var settings = new RunSettings("word2vec", "cpu", 1, int.MaxValue, 1, 4, 1, 0.05, null, folder.Path, false);
        Assert.That(() => Word2VecExample.Word2Vec(corpus, 4, 2, 2, 0, around, Device.Cpu, settings, default), Throws.TypeOf<UserException>().With.Message.Contains("longer texts"));
    }

    [Test]
    public void Curves_OfARunWithoutMetricsOrTests_AreItsLossesAlone()
    {
        var corpus = WordCorpus.Of(["one two three", "two three one"], WordSplit.Whitespace, 1, 100);
        var settings = new RunSettings("word2vec", "cpu", 1, int.MaxValue, 2, 4, 1, 0.05, null, folder.Path, false);
        Word2VecExample.Word2Vec(corpus, 4, 2, 2, 0, false, Device.Cpu, settings, default);
        using var picture = SKBitmap.Decode(folder.File("curves.png"));
        Assert.That(picture.Width, Is.EqualTo(CurvesPicture.Width));
    }

    [Test]
    public void Curves_OfARunStoppedInItsFirstEpoch_AreDrawn()
    {
        var report = new TrainingReport { Epochs = new History() };
        report.Losses.AddRange([3, 2, 1.5]);
        CurvesPicture.Save(folder.File("short.png"), report, "loss", "share");
        report.Losses.Clear();
        CurvesPicture.Save(folder.File("none.png"), report, "loss", "share");
        Assert.That(new FileInfo(folder.File("short.png")).Length, Is.GreaterThan(new FileInfo(folder.File("none.png")).Length));
    }
}
