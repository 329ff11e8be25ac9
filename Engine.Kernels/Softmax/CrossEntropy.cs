namespace Engine.Kernels;

public abstract partial class Device
{
    /// <summary>loss[r] = L_r − logits[r, class_r], with L_r = log Σ_c exp logits[r, c].</summary>
    /// <param name="logits">Float32, (rows, columns): a score for each class, of any size.</param>
    /// <param name="classes">Int32, (rows), each in 0..columns−1.</param>
    /// <param name="loss">Float32, (rows).</param>
    /// <param name="logSums">Float32, (rows): L, which backward needs.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="columns">How many classes.</param>
    /// <param name="ignored">A class whose rows have no loss, 0 in both results; it need not be one of the columns.</param>
    /// <param name="firstRow">What the first row is called in the error.</param>
    /// <exception cref="IndexException">A class is out of range; on a GPU the next read raises it.</exception>
    public void CrossEntropyForward(View logits, View classes, View loss, View logSums, int rows, int columns, int? ignored = null, int firstRow = 0)
    {
        Check(logits, DType.Float32, rows * columns);
        Check(classes, DType.Int32, rows);
        Check(loss, DType.Float32, rows);
        Check(logSums, DType.Float32, rows);
        if (rows > 0) CrossEntropyForwardCore(logits, classes, loss, logSums, rows, columns, ignored, firstRow);
        Done(nameof(CrossEntropyForward), logits, classes, loss, logSums);
    }

    /// <summary>dx[r, c] = scale · dy · (exp(logits[r, c] − L_r) − 1 where c is the class).</summary>
    /// <param name="logits">Float32, (rows, columns).</param>
    /// <param name="classes">Int32, (rows), as forward checked them.</param>
    /// <param name="logSums">Float32, (rows), from forward.</param>
    /// <param name="dy">Float32, one number.</param>
    /// <param name="dx">Float32, (rows, columns); may be logits itself.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="columns">How many classes.</param>
    /// <param name="scale">1 / rows for the mean.</param>
    /// <param name="ignored">As forward was given it: such rows are 0.</param>
    public void CrossEntropyBackward(View logits, View classes, View logSums, View dy, View dx, int rows, int columns, double scale, int? ignored = null)
    {
        Check(logits, DType.Float32, rows * columns);
        Check(classes, DType.Int32, rows);
        Check(logSums, DType.Float32, rows);
        Check(dy, DType.Float32, 1);
        Check(dx, DType.Float32, rows * columns);
        if (dx.Length > 0) CrossEntropyBackwardCore(logits, classes, logSums, dy, dx, rows, columns, scale, ignored);
        Done(nameof(CrossEntropyBackward), logits, classes, logSums, dy, dx);
    }

    private protected abstract void CrossEntropyForwardCore(View logits, View classes, View loss, View logSums, int rows, int columns, int? ignored, int firstRow);

    private protected abstract void CrossEntropyBackwardCore(View logits, View classes, View logSums, View dy, View dx, int rows, int columns, double scale, int? ignored);

    private protected static IndexException NoSuchClass(int row, int label, int columns)
        => new($"CrossEntropyForward: row {row} is of class {label}, and there are {columns} classes, 0..{columns - 1}. Give as many logits as there are classes, counted from 0.");
}
