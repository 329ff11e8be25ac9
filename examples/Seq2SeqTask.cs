using Engine.Layers;

namespace Engine.Examples;

/// <summary>What the example seq2seq learns.</summary>
internal abstract class Seq2SeqTask
{
    /// <summary>What to call the data.</summary>
    public abstract string Name { get; }

    /// <summary>What it learns from; targets have the end token.</summary>
    public abstract TokenPair[] Train { get; }

    /// <summary>What it is tested with.</summary>
    public abstract TokenPair[] Test { get; }

    /// <summary>The sizes that suit the task.</summary>
    public abstract Seq2SeqSettings Sizes { get; }

    /// <summary>Epochs, examples of a step, and hypotheses of the search, unless the user says otherwise.</summary>
    public abstract (int Epochs, int Batch, int Beam) Usual { get; }

    /// <summary>Lets the trained model write, prints some of it, and gives the figures for the line of JSON.</summary>
    /// <param name="report">What training gave.</param>
    /// <param name="write">Gives the best target for each pair's source.</param>
    public abstract (string Name, double Value)[] Try(TrainingReport report, Func<TokenPair[], int[][]> write);

    protected static double Share(int part, int whole) => whole == 0 ? 0 : (double)part / whole;
}
